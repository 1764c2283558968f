"""Recordings from logs of robot_wm: a tick is a sample, and all its observations have the tick's timestamp.

That is what the agent observed, late pictures included; true capture times are part of an export.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robot_wm.data.table import CAMERA_POSES, TABLE
from robot_wm.errors import DatasetError, UnknownNameError
from robot_wm.exchange.recording import Numbers, Part, Picture, Pictures, Recording, require_ascending
from robot_wm.goals import NOTHING, Task
from robot_wm.log.entries import LogGoal, LogHeader, LogInstruction, LogLook, LogResult, LogTick
from robot_wm.log.read import Log, load_log
from robot_wm.types import Floats, Frame, Observation

LABELS = (TABLE, CAMERA_POSES)  # object poses and camera poses
DEMONSTRATORS = ("oracle", "keyboard", "script")  # kinds of agents whose actions are demonstrations
_JUST_BEFORE = 0.01  # of a tick: how long before a tick the command in force at it counts as sent

Label = Callable[[Floats], Mapping[str, NDArray[np.float32]]]  # a simulator's state (s,) -> rows by LABELS' names
FindLabel = Callable[[LogHeader], Label | None]


@dataclass(frozen=True)
class OwnLogSource:
    """Logs that robot_wm wrote. `find_label` returns what computes the labels of a simulator's state."""

    paths: tuple[Path, ...]
    fps: int
    cameras: Mapping[str, str]  # our camera -> the log's
    find_label: FindLabel = lambda header: None

    def recordings(self, lost: Callable[[str], None]) -> Iterator[Recording]:
        """Yield one recording per log; `lost` is called with a message for each log without ticks."""
        for path in self.paths:
            log = load_log(path)
            try:
                yield self.recording(log)
            except DatasetError as error:
                lost(f"{path} is left out: {error}")

    def recording(self, log: Log) -> Recording:
        """Convert a log to a recording. Raises DatasetError if it has no tick."""
        contents = read_contents(log)
        stamps_s = np.array([tick.stamp.clock_s for tick in contents.ticks])
        requested = _requested(contents.ticks) if round(1.0 / log.header.dt_s) == self.fps else None
        known = [camera.name for camera in log.header.cameras]
        for camera in self.cameras.values():
            if camera not in known:
                raise UnknownNameError("camera", camera, known, f"(in {log.path}) Correct the mapping.")
        is_demonstrator = log.header.policy.kind in DEMONSTRATORS
        label = self.find_label(log.header)
        return Recording(
            name=str(log.path),
            pictures={ours: _pictures(log, theirs, contents) for ours, theirs in self.cameras.items()},
            parts=contents.parts,
            joints=Numbers(stamps_s, np.array([tick.observation.state.q_rad for tick in contents.ticks])),
            speeds=Numbers(stamps_s, np.array([tick.observation.state.dq_rad_s for tick in contents.ticks])),
            gripper=Numbers(stamps_s, np.array([[tick.observation.state.gripper] for tick in contents.ticks])),
            sent=_sent(contents.ticks, log.header.dt_s),
            requested=requested,
            demonstrated=requested if is_demonstrator else Numbers(np.zeros(0), np.zeros((0, 5))),
            columns={} if label is None else _labels(contents, label),
            notes=log.damage,
        )


@dataclass(frozen=True)
class LogContents:
    """The ticks of a log with their goals and instructions."""

    ticks: tuple[LogTick, ...]
    before: tuple[Floats | None, ...]  # the simulator's state as each tick began
    parts: tuple[Part, ...]
    instructions: tuple[LogInstruction, ...]


def read_contents(log: Log) -> LogContents:
    """Read a log. Raises DatasetError if it has no tick, or timestamps that do not increase."""
    ticks: list[LogTick] = []
    before: list[Floats | None] = []
    goals: dict[int, LogGoal] = {}
    said: dict[int, str] = {}
    done: dict[int, bool] = {}
    instructions: list[LogInstruction] = []
    state = None if log.header.scene is None else log.header.scene.state
    for entry in log.entries():
        if isinstance(entry, LogTick):
            ticks.append(_light(entry))
            before.append(state)
            state = entry.simulator
        elif isinstance(entry, LogLook):
            state = entry.simulator if entry.simulator is not None else state
        elif isinstance(entry, LogInstruction):
            instructions.append(entry)
        elif isinstance(entry, LogGoal):
            goals[entry.number] = entry
            said[entry.number] = instructions[-1].text if instructions and len(instructions[-1].tasks) == 1 else ""
        elif isinstance(entry, LogResult):
            done[entry.goal] = entry.done
    if not ticks:
        raise DatasetError(f"log {log.path} has no tick")
    require_ascending(np.array([tick.stamp.clock_s for tick in ticks]), f"log {log.path}")
    return LogContents(tuple(ticks), tuple(before), _parts(ticks, goals, said, done), tuple(instructions))


def _parts(
    ticks: Sequence[LogTick], goals: dict[int, LogGoal], said: dict[int, str], done: dict[int, bool]
) -> tuple[Part, ...]:
    """Return a part for each goal with a tick, described by its instruction if that had one goal, else by the goal."""
    parts: dict[int, Part] = {}
    for tick in ticks:
        if tick.goal not in parts:
            goal = goals.get(tick.goal)
            task = NOTHING if goal is None else Task.from_json(goal.task)
            words = said.get(tick.goal) or task.words()
            parts[tick.goal] = Part(tick.stamp.clock_s, words, task, done.get(tick.goal, False))
    return tuple(parts.values())


def _light(tick: LogTick) -> LogTick:
    """Return a tick without pixels, so that a long log fits into memory; camera names and times are kept."""
    empty = np.zeros((0, 0, 3), np.uint8)
    frames = {name: Frame(empty, frame.stamp_s) for name, frame in tick.observation.frames.items()}
    return replace(tick, observation=Observation(frames, tick.observation.state, tick.observation.sent))


def _sent(ticks: Sequence[LogTick], dt_s: float) -> Numbers:
    """Return the commands sent at each tick and, just before each, the command in force at it."""
    stamps_s, rows = [], []
    for tick in ticks:
        forced = tick.observation.sent
        stamps_s += [tick.stamp.clock_s - _JUST_BEFORE * dt_s, tick.stamp.clock_s]
        rows += [[*forced.q_rad, forced.gripper], [*tick.sent.q_rad, tick.sent.gripper]]
    return Numbers(np.array(stamps_s), np.array(rows))


def _requested(ticks: Sequence[LogTick]) -> Numbers:
    """Return the actions (a,) of the ticks whose decision was followed."""
    followed = [tick for tick in ticks if not tick.held and np.isfinite(tick.decision.action).all()]
    stamps_s = np.array([tick.stamp.clock_s for tick in followed])
    return Numbers(stamps_s, np.array([tick.decision.action for tick in followed]).reshape(-1, 5))


def _labels(contents: LogContents, label: Label) -> dict[str, Numbers]:
    """Return the labels at the start of each tick whose simulator state is known."""
    pairs = zip(contents.ticks, contents.before, strict=True)
    known = [(tick.stamp.clock_s, label(state)) for tick, state in pairs if state is not None]
    stamps_s = np.array([stamp_s for stamp_s, _ in known])
    return {
        each.name: Numbers(
            stamps_s, np.array([row[each.name] for _, row in known], np.float32).reshape(-1, *each.shape)
        )
        for each in LABELS
    }


def _pictures(log: Log, camera: str, contents: LogContents) -> Pictures:
    """Return one camera's pictures, of the ticks that have one."""
    seen = [k for k, tick in enumerate(contents.ticks) if camera in tick.observation.frames]
    stamps_s = np.array([contents.ticks[k].stamp.clock_s for k in seen])

    def read(wanted: Sequence[int]) -> Iterator[Picture]:
        left = [seen[k] for k in wanted]
        for number, tick in enumerate(log.ticks()):
            while left and left[0] == number:
                left.pop(0)
                yield tick.observation.frames[camera].rgb
            if not left:
                return

    return Pictures(stamps_s, read)
