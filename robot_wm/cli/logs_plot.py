"""An HTML page of plots of a log: joints and commands, limits, latency, plan cost. One self-contained file."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import Any

from robot_wm.errors import ConfigError, LogError
from robot_wm.files import write_whole
from robot_wm.log.entries import Entry, LogGoal, LogHeader, LogInstruction, LogLook, LogNote, LogTick
from robot_wm.log.read import Log
from robot_wm.replay.page import Page, Table
from robot_wm.replay.plot import Line, Plot

_TIME = "time, s"


def draw(log: Log, path: Path) -> None:
    """Write the page of plots. Raises LogError if the log has no ticks, ConfigError if `path` does not end in .html."""
    if path.suffix != ".html":
        raise ConfigError(f"the file of the plots must end in .html, received {path}")
    entries = [_light(entry) for entry in log.entries() if not isinstance(entry, LogLook)]
    ticks = [entry for entry in entries if isinstance(entry, LogTick)]
    if not ticks:
        raise LogError(f"{log.path} has no ticks to plot; choose a log of a session that ran")
    said = ", then ".join(entry.text for entry in entries if isinstance(entry, LogInstruction))
    goals = {entry.number: _words(entry.task) for entry in entries if isinstance(entry, LogGoal)}
    facts = {"arm": log.header.arm, "policy": log.header.policy.kind, "ticks": str(len(ticks))}
    rows = [[entry.level, entry.origin, entry.words] for entry in entries if isinstance(entry, LogNote)]
    tables = [Table("Notes", ("level", "origin", "words"), rows)] if rows else []
    drawn = plots(log.header, ticks, goals)
    page = Page(log.path.name, "shown", said or "no instruction", facts, drawn, tables)
    write_whole(path, page.html().encode())


def _light(entry: Entry) -> Entry:
    """Drop the pictures, so that a long log fits into memory."""
    return replace(entry, observation=replace(entry.observation, frames={})) if isinstance(entry, LogTick) else entry


def _words(task: Mapping[str, Any]) -> str:
    return " ".join(str(word) for word in task.values())


def plots(header: LogHeader, ticks: Sequence[LogTick], goals: Mapping[int, str]) -> list[Plot]:
    """Return the plots of a log's ticks that have finite values; the start of each goal is marked."""
    x = [tick.stamp.clock_s for tick in ticks]
    marks = [(tick.stamp.clock_s, goals.get(tick.goal, "")) for tick in ticks if tick.number == 0]
    names = header.arm_spec.joint_names
    found = [Plot(name, _TIME, "rad", x, _joint(ticks, joint), marks=marks) for joint, name in enumerate(names)]
    found.append(Plot("gripper", _TIME, "opening", x, _gripper(ticks), marks=marks))
    found.append(Plot("active limits", _TIME, "joints", x, _limits(ticks), marks=marks))
    found.append(Plot("latency", _TIME, "ms", x, _latency(ticks), bound=1e3 * header.dt_s, marks=marks))
    found.append(Plot("predicted steps to goal", _TIME, "ticks", x, _steps_to_goal(ticks), marks=marks))
    found.append(Plot("plan cost", _TIME, "ticks", x, _cost(ticks), marks=marks))
    return [plot for plot in found if any(isfinite(value) for line in plot.lines for value in line.values)]


def _joint(ticks: Sequence[LogTick], joint: int) -> list[Line]:
    def requested(tick: LogTick) -> float:
        return float(tick.target.q_rad[joint]) if joint < len(tick.target.q_rad) else float("nan")

    return [
        Line("requested", [requested(tick) for tick in ticks], dashed=True),
        Line("sent", [float(tick.sent.q_rad[joint]) for tick in ticks]),
        Line("measured", [float(tick.observation.state.q_rad[joint]) for tick in ticks]),
    ]


def _gripper(ticks: Sequence[LogTick]) -> list[Line]:
    return [
        Line("requested", [tick.target.gripper for tick in ticks], dashed=True),
        Line("sent", [tick.sent.gripper for tick in ticks]),
        Line("measured", [tick.observation.state.gripper for tick in ticks]),
    ]


def _limits(ticks: Sequence[LogTick]) -> list[Line]:
    """Count the joints that each limit slowed."""
    kinds = sorted({why.partition(":")[0] for tick in ticks for why in tick.sent.limited})
    return [
        Line(kind, [float(sum(why.startswith(kind) for why in tick.sent.limited)) for tick in ticks]) for kind in kinds
    ]


def _latency(ticks: Sequence[LogTick]) -> list[Line]:
    return [
        Line("decision", [tick.decision_ms for tick in ticks]),
        Line("plan", [tick.decision.plan_ms for tick in ticks]),
    ]


def _steps_to_goal(ticks: Sequence[LogTick]) -> list[Line]:
    return [Line("", [tick.decision.steps_to_goal for tick in ticks])]


def _cost(ticks: Sequence[LogTick]) -> list[Line]:
    nan = float("nan")
    plans = [tick.decision.plan for tick in ticks]
    return [
        Line("chosen", [nan if plan is None else plan.cost for plan in plans]),
        Line("action head", [nan if plan is None else plan.prior_cost for plan in plans], dashed=True),
    ]
