"""What a replay reports: words for a person, one JSON object, one HTML page. Made from what was found; runs nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from robot_wm.actions import ACTION_NAMES
from robot_wm.log.entries import LogHeader
from robot_wm.replay.arm import ArmRun, Manner
from robot_wm.replay.closed_loop import ClosedLoop
from robot_wm.replay.decisions import Decisions
from robot_wm.replay.page import Page, Table
from robot_wm.replay.plot import Line, Plot
from robot_wm.replay.verdict import HOLDS, Verdict

_ROWS = 200  # of a table, at most
_SHOWN = "shown"


@dataclass(frozen=True)
class Outcome:
    """One replay, ready to be told."""

    values: Mapping[str, Any]  # the JSON object
    words: str
    exit_status: int
    kind: str  # "holds", "differs" or "shown"
    facts: Mapping[str, str] = field(default_factory=dict)
    plots: Sequence[Plot] = ()
    tables: Sequence[Table] = ()

    def page(self) -> str:
        """The HTML page."""
        title = f"robot-wm replay: {self.values['mode']} of {self.values['log']}"
        return Page(title, self.kind, self.words, self.facts, self.plots, self.tables).html()


def facts_of(header: LogHeader) -> dict[str, str]:
    """What a reader wants to know of the log."""
    policy, scene = header.policy, header.scene
    facts = {
        "arm": header.arm,
        "command": header.command,
        "policy": f"{policy.kind}, seed {policy.seed}",
        "weights": f"{policy.checkpoint} {policy.checkpoint_sha256[:12]}".strip() or "none",
        "table": "real" if scene is None else f"{scene.suite}, seed {scene.seed}: {', '.join(scene.names)}",
    }
    return facts | {name: str(value) for name, value in header.versions.items()}


def of_verdict(
    verdict: Verdict, header: LogHeader, plots: Sequence[Plot], differences: Sequence[Sequence[str]] = ()
) -> Outcome:
    """A replay that gives a verdict."""
    tables = []
    if verdict.causes:
        tables.append(Table("Causes", ("cause", "what"), [(cause.kind, cause.words) for cause in verdict.causes]))
    if differences:
        columns = ("tick", "what", "logged", "replayed")
        tables.append(Table(f"Differences (first {_ROWS})", columns, list(differences)[:_ROWS]))
    if verdict.notes:
        tables.append(Table("Notes", ("",), [(note,) for note in verdict.notes]))
    facts = facts_of(header) | {name: f"{value:.6g}" for name, value in verdict.measures}
    kind = "holds" if verdict.outcome == HOLDS else "differs"
    return Outcome(verdict.to_json(), verdict.words(), verdict.exit_status, kind, facts, plots, tables)


def decision_plots(found: Decisions) -> list[Plot]:
    """Steps of the tool, distances to the goal and search effort, logged and replayed."""
    x = [float(pair.number) for pair in found.pairs]
    first = found.first
    marks = [] if first is None or first.tick is None else [(float(first.tick), f"first: {first.what}")]
    logged = np.array([pair.logged.decision.action for pair in found.pairs]).reshape(-1, len(ACTION_NAMES))
    again = np.array([pair.replayed.decision.action for pair in found.pairs]).reshape(-1, len(ACTION_NAMES))
    steps = [
        Line(f"{name} {which}", (1e3 * values[:, column]).tolist(), which == "replayed")
        for column, name in enumerate(ACTION_NAMES[:3])
        for which, values in (("logged", logged), ("replayed", again))
    ]
    beliefs = [
        Line("logged", [pair.logged.decision.steps_to_goal for pair in found.pairs]),
        Line("replayed", [pair.replayed.decision.steps_to_goal for pair in found.pairs], True),
    ]
    effort = Line("decision", [pair.logged.decision_ms for pair in found.pairs])
    return [
        Plot("Steps of the tool", "tick", "mm", x, steps, marks=marks),
        Plot("Steps to the goal, as believed", "tick", "ticks", x, beliefs, marks=marks),
        Plot("Time of a decision when it was logged", "tick", "ms", x, [effort]),
    ]


def closed_loop_plots(found: ClosedLoop) -> list[Plot]:
    """Drift of the joints."""
    x = [float(step.number) for step in found.steps]
    first = found.first
    marks = [] if first is None or first.tick is None else [(float(first.tick), f"first: {first.what}")]
    drift = Line("largest of any joint", [1e3 * step.drift_rad for step in found.steps])
    return [Plot("Distance of the joints from the log", "tick", "mrad", x, [drift], marks=marks)]


def arm_plots(run: ArmRun, joint_names: Sequence[str], manner: Manner) -> list[Plot]:
    """Tracking error of each joint."""
    error = 1e3 * np.array(run.error_rad).reshape(-1, len(joint_names))
    lines = [Line(name, error[:, column].tolist()) for column, name in enumerate(joint_names)]
    worst = Line("largest", np.abs(error).max(axis=1, initial=0.0).tolist())
    title = "Measured less logged"
    return [
        Plot(title, "time in the log, s", "mrad", run.t_s, lines),
        Plot("Largest of any joint", "time in the log, s", "mrad", run.t_s, [worst], bound=1e3 * manner.bound_rad),
    ]
