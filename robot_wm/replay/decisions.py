"""Decision replay: feed logged observations to the same controller; every command must be bit-equal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from robot_wm.errors import LogError
from robot_wm.log.digest import observation_digest
from robot_wm.log.entries import Entry, LogDecision, LogGoal, LogLook, LogTick
from robot_wm.records import Decision
from robot_wm.replay.bits import differing
from robot_wm.replay.controller import NO_GOAL, Controller, Replayed
from robot_wm.replay.limiter import Limiter, alike, allowed, within_half_a_step
from robot_wm.replay.order import Gaps, in_order
from robot_wm.replay.verdict import Difference
from robot_wm.types import ArmCommand, ArmTarget, Goal


@dataclass(frozen=True)
class TickPair:
    """One tick as logged and as replayed."""

    number: int  # of the tick in the file, from 0
    logged: LogTick
    replayed: Replayed
    differences: tuple[Difference, ...]


@dataclass
class Decisions:
    """The results of a decision replay."""

    pairs: list[TickPair] = field(default_factory=list)
    goals: list[Difference] = field(default_factory=list)  # goal points that differ
    missing: int = 0  # ticks known to be missing after the first one
    edited: list[str] = field(default_factory=list)  # observations that differ from the recorded ones, as text
    skipped: int = 0  # ticks not replayed, because a picture in or before them is missing
    unchecked: int = 0  # ticks whose limits could not be checked
    without_digest: int = 0  # observations without a digest in the log

    @property
    def first(self) -> Difference | None:
        """The first difference."""
        found = [difference for pair in self.pairs for difference in pair.differences]
        found += self.goals
        return min(found, key=lambda each: -1 if each.tick is None else each.tick, default=None)

    @property
    def equal_ticks(self) -> int:
        """Number of ticks without a difference."""
        return sum(not pair.differences for pair in self.pairs)


def replay(entries: Iterable[Entry], controller: Controller, limiter: Limiter) -> Decisions:
    """Feed a log's entries, in order, to the controller. Missing data end the replay of their goal."""
    found, gaps, blind, pursued = Decisions(), Gaps(), False, -1
    for entry in in_order(entries):
        number = found.skipped + len(found.pairs)
        if isinstance(entry, LogLook):
            blind = _lost(found, entry, f"the look to {entry.purpose} before tick {number}")
            if not blind:
                controller.look(entry)
        elif isinstance(entry, LogGoal):
            pursued = entry.number
            if blind:
                continue
            found.goals += _goal_differences(number, entry, controller.take_up(entry))
        elif isinstance(entry, LogTick):
            if pursued < 0:
                raise LogError(NO_GOAL)
            blind = _lost_before(found, entry, number, pursued, gaps) or blind
            blind, pursued = _lost(found, entry, f"tick {number}") or blind, entry.goal
            if blind:
                found.skipped += 1
            else:
                found.pairs.append(_pair(number, entry, controller, limiter, found))
    return found


def _lost_before(found: Decisions, tick: LogTick, number: int, pursued: int, gaps: Gaps) -> bool:
    """Return whether this tick's goal or ticks before it are missing; note which."""
    missing = gaps.before(tick)
    if tick.goal != pursued:
        found.edited.append(f"tick {number}: its goal {tick.goal} is not in the log")
    if missing:
        found.edited.append(f"tick {number}: {missing} ticks before it are not in the log")
        found.missing += missing if number else 0
    return tick.goal != pursued or missing > 0


def _pair(number: int, tick: LogTick, controller: Controller, limiter: Limiter, found: Decisions) -> TickPair:
    replayed = controller.decide(tick)
    then = _compared(tick.decision, tick.target, tick.held)
    now = _compared(replayed.decision, replayed.target, replayed.held)
    off = [Difference(number, *each) for each in differing(then, now)]
    command, known = limiter.command(tick)
    sent = _sent_differences(number, tick, command)
    found.unchecked += bool(sent) and not known
    off += sent if known else []
    return TickPair(number, _light(tick), replayed, tuple(off))


def _light(tick: LogTick) -> LogTick:
    """Drop the pictures of a tick, so that a long log fits into memory."""
    return replace(tick, observation=replace(tick.observation, frames={}))


def _compared(decision: LogDecision | Decision, target: ArmTarget, held: str) -> Mapping[str, Any]:
    """Return everything of a decision that must be equal."""
    plan = decision.plan
    return {
        "action": decision.action,
        "request": target.q_rad,
        "request for the gripper": target.gripper,
        "held": held,
        "source": decision.source,
        "steps to goal": decision.steps_to_goal,
        "probability of done": decision.done_probability,
        "plan": None if plan is None else plan.chunk,
        "plan cost": None if plan is None else plan.cost,
    }


def _sent_differences(number: int, tick: LogTick, command: ArmCommand) -> list[Difference]:
    found, then = [], allowed(tick)
    if command.limited != then.limited:
        found.append(Difference(number, "active limits", _listed(then.limited), _listed(command.limited)))
    if tick.sent.allowed is not None and not alike(command, then):
        found.append(Difference(number, "limited command", _rounded(then.q_rad), _rounded(command.q_rad)))
    if not within_half_a_step(command, tick.sent):
        found.append(Difference(number, "sent command", _rounded(tick.sent.q_rad), "further than half a servo's step"))
    return found


def _goal_differences(number: int, logged: LogGoal, mine: Goal) -> list[Difference]:
    if logged.goal is None:
        return []
    return [
        Difference(number, *each) for each in differing({"goal point": logged.goal.point}, {"goal point": mine.point})
    ]


def _lost(found: Decisions, entry: LogLook | LogTick, where: str) -> bool:
    """Return whether a picture is missing; note that, or that the observation differs from the recorded one."""
    if entry.missing:
        found.edited.append(f"{where}: the picture of {', '.join(entry.missing)} is not in the log")
    elif not entry.digest:
        found.without_digest += 1
    elif entry.digest != observation_digest(entry.observation):
        found.edited.append(f"{where}: the observation differs from the recorded one")
    return bool(entry.missing)


def _listed(reasons: Sequence[str]) -> str:
    return ", ".join(reasons) or "none"


def _rounded(values: np.ndarray) -> str:
    return "[" + ", ".join(f"{value:.6f}" for value in values) + "]"
