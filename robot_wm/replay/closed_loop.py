"""Closed-loop replay: the simulated table reset as it was logged, and the session run once more on it.

The log's agent decides where it can be built again, else the logged actions do; observations, commands and the
simulator's state must come out the same to the last bit. Where they do not, the drift is measured.
"""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, final

import numpy as np

from robot_wm.control.agent import Agent
from robot_wm.control.judging import Unreachable
from robot_wm.control.loop import LATE
from robot_wm.errors import LogError
from robot_wm.goals import Task
from robot_wm.log.entries import Entry, LogGoal, LogHeader, LogLook, LogTick, SceneRecord
from robot_wm.records import AgentRecord, Decision, Instruction, Tick, Understanding
from robot_wm.replay.bits import differing, same_bits
from robot_wm.replay.order import Gaps, in_order
from robot_wm.replay.verdict import Difference
from robot_wm.session.events import UNDERSTAND, Event, Subscriber, TickEvent
from robot_wm.session.session import Rules, Session
from robot_wm.station.station import Simulation, Station, require_simulation
from robot_wm.types import Frame, Observation


@dataclass(frozen=True)
class Stretch:
    """The ticks of one goal; of none, where a person moved the arm by hand."""

    goal: LogGoal | None
    ticks: list[LogTick]


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
    header: LogHeader, entries: Iterable[Entry], station: Station, agent: "Rerun", also: Sequence[Subscriber] = ()
) -> ClosedLoop:
    """Run a log's session again on an entered station.

    Args:
        header: of the log.
        entries: of the log, in any order.
        station: a simulated setup like the logged one.
        agent: the agent of the log, or the logged actions.
        also: further subscribers, called after each tick's comparison, such as whatever bumped objects then.

    Raises:
        LogError: the log is of a real arm, or ticks are missing from it.
    """
    found = ClosedLoop()
    scene, simulation = _scene_of(header), require_simulation(station, "a closed-loop replay")
    _set_up(scene, simulation, found)
    comparison = _Comparison(simulation, found)
    session = Session(station, agent, [comparison, *also], Rules(park=False, dt_s=header.dt_s))
    for each in _stretches(entries):
        if isinstance(each, LogLook):
            if each.purpose == UNDERSTAND:
                session.understand(Instruction("", ()))
        else:
            agent.expect(each)
            comparison.expect(each.ticks)
            task = Task.from_json(each.goal.task) if each.goal is not None and each.goal.task else None
            session.pursue(task, Unreachable("the log"), len(each.ticks))
    return found


class Rerun(Agent):
    """An agent whose session is run again: before each stretch it is given what was logged of it."""

    @abstractmethod
    def expect(self, stretch: Stretch) -> None:
        """Note the logged ticks that come next."""


@final
class LoggedActions(Rerun):
    """Does what was decided then."""

    def expect(self, stretch: Stretch) -> None:
        self._left = iter(stretch.ticks)

    def reset(self, seed: int) -> None:
        """Nothing is kept."""

    def understand(self, instruction: Instruction, observation: Observation) -> Understanding:
        return Understanding((), 1.0, instruction.text)

    def start(self, task: Task | None, observation: Observation) -> None:
        """The logged actions know the goal."""

    def decide(self, observation: Observation) -> Decision:
        tick = next(self._left)
        return held_as(tick, Decision(tick.decision.action, source=tick.decision.source))

    def describe(self) -> AgentRecord:
        return AgentRecord("log")


def held_as(tick: LogTick, decision: Decision) -> Decision:
    """Make a decision that came late then cost a hold now too, as one that is not finite does."""
    return decision if tick.held != LATE else replace(decision, action=np.full_like(tick.decision.action, np.nan))


class _Comparison:
    """A subscriber that compares each tick with the logged one."""

    def __init__(self, simulation: Simulation, found: ClosedLoop) -> None:
        self._simulation, self._found = simulation, found
        self._left: Iterator[LogTick] = iter(())

    def expect(self, ticks: Sequence[LogTick]) -> None:
        """Note the logged ticks that come next."""
        self._left = iter(ticks)

    def __call__(self, event: Event) -> None:
        if isinstance(event, TickEvent):
            self._compare(next(self._left), event.tick)

    def _compare(self, logged: LogTick, tick: Tick) -> None:
        number = len(self._found.steps)
        pairs = [(_values(logged.stamp.clock_s, logged), _values(tick.clock_s, tick))]
        state = None if logged.simulator is None else self._simulation.state()
        if state is not None:
            pairs.append(({"simulator's state": logged.simulator}, {"simulator's state": state}))
        off = [Difference(number, *each) for one, other in pairs for each in differing(one, other)]
        off += _picture_differences(number, logged.observation, tick.observation)
        drift_rad = float(np.abs(tick.observation.state.q_rad - logged.observation.state.q_rad).max())
        self._found.steps.append(Step(number, drift_rad, tuple(off)))


def _values(clock_s: float, tick: LogTick | Tick) -> dict[str, Any]:
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
            f"this log is of arm {header.arm!r} in a real world, which cannot be reset; replay it with --mode arm"
        )
    return header.scene


def _set_up(scene: SceneRecord, simulation: Simulation, found: ClosedLoop) -> None:
    """Reset the table; where that does not give the logged state, note it and go on from the logged one."""
    simulation.reset(scene.seed, scene.names, scene.away)
    state = simulation.state()
    if scene.state is None or state is None:
        found.notes.append("the simulator's state is not in the log; the table was reset from its seed")
        return
    if same_bits(scene.state, state):
        return
    found.start += [Difference(None, *each) for each in differing({"state": scene.state}, {"state": state})]
    if state.shape == scene.state.shape:
        simulation.set_state(scene.state)
        found.notes.append("the table reset from its seed is another one; the loop went on from the logged state")


def _stretches(entries: Iterable[Entry]) -> Iterator[LogLook | Stretch]:
    """Yield looks, and goals with all their ticks, in order. Raises LogError where ticks are missing."""
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
