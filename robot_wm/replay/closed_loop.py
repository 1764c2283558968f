"""Closed-loop replay: the simulated table laid again as it was logged, and the loop run once more on it.

The controller of the log drives where it can be made again, else the logged actions do; observations, commands and
the simulator's state must come out the same to the last bit. Where they do not, the drift is measured.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from robot_wm.action_space import CartesianActions
from robot_wm.control.loop import observe, run_goal
from robot_wm.control.policy import Policy
from robot_wm.errors import LogError
from robot_wm.kinematics import Kinematics
from robot_wm.log.entries import Entry, LogGoal, LogHeader, LogLook, LogTick, SceneRecord
from robot_wm.records import Decision, Tick
from robot_wm.replay.bits import differing, same_bits
from robot_wm.replay.order import Gaps, in_order
from robot_wm.replay.verdict import Difference
from robot_wm.station.station import Restorable, SimulatedStation
from robot_wm.types import Frame, Observation


@dataclass(frozen=True)
class Stretch:
    """The ticks of one goal; of none, where somebody moved the arm by hand."""

    goal: LogGoal | None
    ticks: list[LogTick]


class Driver(Protocol):
    """What decides in the loop that is run again."""

    def look(self, look: LogLook, seen: Observation) -> None:
        """The look that was taken then, and what is seen now."""
        raise NotImplementedError

    def pursue(self, stretch: Stretch) -> tuple[Policy, Any]:
        """The policy for the ticks of one goal, and the goal to start it with."""
        raise NotImplementedError


@dataclass(frozen=True)
class Step:
    """One tick of the log beside the same tick run again."""

    number: int  # in the file, from 0
    drift_rad: float  # the largest joint angle's distance from the log when the tick began
    differences: tuple[Difference, ...]


@dataclass
class ClosedLoop:
    """All that a closed-loop replay found."""

    steps: list[Step] = field(default_factory=list)
    start: list[Difference] = field(default_factory=list)  # of the table, before anything moved
    notes: list[str] = field(default_factory=list)

    @property
    def first(self) -> Difference | None:
        """The first thing that differs."""
        found = [*self.start, *(each for step in self.steps for each in step.differences)]
        return found[0] if found else None

    @property
    def equal_ticks(self) -> int:
        """Ticks in which nothing differs."""
        return sum(not step.differences for step in self.steps)

    @property
    def drift_rad(self) -> float:
        """The largest distance of any joint from the log, at any tick."""
        return max((step.drift_rad for step in self.steps), default=0.0)


def replay(
    header: LogHeader,
    entries: Iterable[Entry],
    station: SimulatedStation,
    driver: Driver,
    also: Callable[[Tick], None] = lambda tick: None,
) -> ClosedLoop:
    """Run the log's loop again on an entered station; `also` is called after each tick, as bumps were."""
    found = ClosedLoop()
    _lay(_scene_of(header), station, found)
    actions = CartesianActions(Kinematics(station.arm.spec))
    for each in _stretches(entries):
        if isinstance(each, LogLook):
            driver.look(each, observe(station.arm, station.cameras))
        else:
            policy, aim = driver.pursue(each)
            on_tick = _both(_Comparison(station, each.ticks, found), also)
            arm, cameras, clock = station.arm, station.cameras, station.clock
            run_goal(arm, cameras, clock, policy, actions, aim, _Never(), len(each.ticks), on_tick, header.dt_s)
    return found


class LoggedActions:
    """Drives with what was decided then."""

    def look(self, look: LogLook, seen: Observation) -> None:
        """It looks at nothing."""

    def pursue(self, stretch: Stretch) -> tuple[Policy, Any]:
        """The logged actions, one after the other."""
        return _Script(stretch.ticks), None


class _Script:
    def __init__(self, ticks: list[LogTick]) -> None:
        self._left = iter(ticks)

    def start(self, goal: Any) -> None:
        """What is wanted is in the script."""

    def decide(self, observation: Observation) -> Decision:
        tick = next(self._left)
        return held_as(tick, Decision(tick.decision.action, source=tick.decision.source))


def held_as(tick: LogTick, decision: Decision) -> Decision:
    """A decision that came late then costs a hold now too: one that is not finite does the same."""
    return decision if tick.held != "late" else Decision(np.full(5, np.nan), source=decision.source)


@dataclass(frozen=True)
class _Never:
    """Lets every goal run as long as it did."""

    judged_by: str = "the log"
    done: bool = False
    already_done: bool = False

    def update(self, decision: Decision) -> None:
        """It makes no difference."""


class _Comparison:
    """Called after each tick that was run again."""

    def __init__(self, station: SimulatedStation, ticks: list[LogTick], found: ClosedLoop) -> None:
        self._station, self._found = station, found
        self._left = iter(ticks)

    def __call__(self, tick: Tick) -> None:
        logged, number = next(self._left), len(self._found.steps)
        pairs = [(_told(logged.stamp.clock_s, logged), _told(tick.clock_s, tick))]
        if logged.simulator is not None and isinstance(self._station, Restorable):
            pairs.append(({"simulator's state": logged.simulator}, {"simulator's state": self._station.state()}))
        off = [Difference(number, *each) for one, other in pairs for each in differing(one, other)]
        off += _picture_differences(number, logged.observation, tick.observation)
        drift_rad = float(np.abs(tick.observation.state.q_rad - logged.observation.state.q_rad).max())
        self._found.steps.append(Step(number, drift_rad, tuple(off)))


def _told(clock_s: float, tick: LogTick | Tick) -> dict[str, Any]:
    """All of a tick that must come out the same, but for the pictures."""
    state, sent = tick.observation.state, tick.sent
    return {
        "clock": clock_s,
        "joint angles": state.q_rad,
        "joint speeds": state.dq_rad_s,
        "gripper": state.gripper,
        "action": tick.decision.action,
        "request": tick.target.q_rad,
        "sent command": sent.q_rad,
        "sent gripper": sent.gripper,
        "limits that spoke": ", ".join(sent.limited),
    }


def _picture_differences(number: int, logged: Observation, seen: Observation) -> list[Difference]:
    found = []
    for name, frame in logged.frames.items():
        off = _pixels_off(frame, seen.frames.get(name))
        if off:
            found.append(Difference(number, f"picture of {name}", "its pixels", off))
    return found


def _pixels_off(logged: Frame, seen: Frame | None) -> str:
    if seen is None:
        return "no such camera"
    if logged.rgb.shape != seen.rgb.shape:
        return f"another size, {seen.rgb.shape[:2]}"
    off = int((logged.rgb != seen.rgb).any(axis=-1).sum())
    return f"{off} pixels are others" if off else ""


def _scene_of(header: LogHeader) -> SceneRecord:
    if header.scene is None:
        raise LogError(
            f"this log is of arm {header.arm!r} in a real world, which cannot be laid again; replay it with --mode arm"
        )
    return header.scene


def _lay(scene: SceneRecord, station: SimulatedStation, found: ClosedLoop) -> None:
    """Lay the table; where that does not give the logged state, note it and go on from the logged one."""
    station.reset(scene.seed, scene.names, scene.away)
    if scene.state is None or not isinstance(station, Restorable):
        found.notes.append("the simulator's state is not in the log; the table was laid again by its seed")
        return
    mine = station.state()
    if same_bits(scene.state, mine):
        return
    found.start += [Difference(None, *each) for each in differing({"state laid": scene.state}, {"state laid": mine})]
    if mine.shape == scene.state.shape:
        station.set_state(scene.state)
        found.notes.append("the table laid by its seed is another; the loop went on from the logged state")


def _stretches(entries: Iterable[Entry]) -> Iterator[LogLook | Stretch]:
    """Looks, and goals with all their ticks, in the order in which they came. Raises LogError where ticks are lost."""
    stretch, gaps = Stretch(None, []), Gaps()
    for entry in in_order(entries):
        if isinstance(entry, LogTick):
            if gaps.before(entry):
                raise LogError(
                    f"ticks before tick {entry.number} of goal {entry.goal} are not in the log; what happened after "
                    "them cannot be run again: cut the log there with robot-wm logs cut"
                )
            if stretch.goal is not None and stretch.goal.number != entry.goal:
                raise LogError(
                    f"goal {entry.goal}, which tick {entry.number} pursues, is not in the log; it cannot be run again: "
                    "cut the log there with robot-wm logs cut"
                )
            stretch.ticks.append(entry)
        elif isinstance(entry, LogLook | LogGoal):
            if stretch.ticks:
                yield stretch
            stretch = Stretch(entry if isinstance(entry, LogGoal) else None, [])
            if isinstance(entry, LogLook):
                yield entry
    if stretch.ticks:
        yield stretch


def _both(one: Callable[[Tick], None], other: Callable[[Tick], None]) -> Callable[[Tick], None]:
    def tell(tick: Tick) -> None:
        one(tick)
        other(tick)

    return tell
