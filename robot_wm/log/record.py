"""The recorder: takes what happens from a running loop and hands it to a process of its own, which writes the file.

Nothing here waits: an entry goes into a bounded queue, or is dropped and counted where the queue is full. A thread
passes on over a socket what has gathered, every GATHER_S; encoding, compressing and writing happen in the other
process, so that neither a slow disk nor Python's lock touches the loop, and so that the file is closed well even where
this process is killed.
"""

import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Protocol, Self, final

import numpy as np

from robot_wm.errors import ConfigError, DeviceError
from robot_wm.files import require_writable
from robot_wm.log.entries import (
    Entry,
    LogBytes,
    LogCommand,
    LogDecision,
    LogGoal,
    LogHeader,
    LogInstruction,
    LogLook,
    LogNote,
    LogResult,
    LogState,
    LogTick,
    Stamp,
)
from robot_wm.log.link import CLOSE_TIMEOUT_S, Link, Setup
from robot_wm.types import ArmCommand, ArmState, ArmTarget, Floats, Goal, Observation, PlanRecord

PARTIAL = ".partial"  # what a log's name ends with until it is closed
QUEUE_ENTRIES = 512
QUEUE_BYTES = 64 << 20
GATHER_S = 0.06  # entries wait this long at most; waking two processes for each costs more than writing it
_BATCH_BYTES = 1 << 20  # about as much is passed on at once


class DecisionLike(Protocol):
    """What a log takes from a decision."""

    @property
    def action(self) -> Any: ...
    @property
    def steps_to_goal(self) -> float: ...
    @property
    def done_probability(self) -> float: ...
    @property
    def plan_ms(self) -> float: ...
    @property
    def source(self) -> str: ...
    @property
    def plan(self) -> PlanRecord | None: ...


class TickLike(Protocol):
    """What a log takes from a turn of the loop."""

    @property
    def number(self) -> int: ...
    @property
    def observation(self) -> Observation: ...
    @property
    def decision(self) -> DecisionLike: ...
    @property
    def sent(self) -> ArmCommand: ...
    @property
    def held(self) -> str: ...
    @property
    def decision_ms(self) -> float: ...
    @property
    def target(self) -> ArmTarget: ...
    @property
    def clock_s(self) -> float: ...


@dataclass(frozen=True)
class Recorded:
    """What became of a recording."""

    path: Path
    messages: int  # in the file
    file_bytes: int
    dropped: int  # entries that found no room in the queue, or came after a fault
    fault: str  # why recording ended early; empty where all went well


@final
class Recorder:
    """Records one session into one file. A context manager; `close` says what became of it.

    `now_s` is the loop's clock. `simulator` gives the simulator's state where there is one. `tell` is called, once for
    each trouble, with words for a person. `must`: where the log cannot be written any more, the next `tick` raises
    DeviceError, so that the arm is parked; otherwise the loop goes on unrecorded.
    """

    def __init__(
        self,
        path: Path,
        header: LogHeader,
        now_s: Callable[[], float],
        attachments: Mapping[str, bytes] | None = None,
        simulator: Callable[[], Floats] | None = None,
        tell: Callable[[str], None] | None = None,
        must: bool = False,
    ) -> None:
        require_free(path)
        self.path = path
        self._now_s, self._simulator, self._must = now_s, simulator, must
        self._tell = tell or _to_stderr
        self._queue: SimpleQueue[tuple[Entry, int]] = SimpleQueue()  # an entry and its size
        self._lock, self._closing = threading.Lock(), threading.Event()
        self._bytes_in = self._bytes_out = self._in = self._out = 0
        self._dropped = self._untold = 0
        self._goal = -1
        self._result: Recorded | None = None
        self._link = Link(Setup(path, header, dict(attachments or {})), self._troubled)
        self._feeder = threading.Thread(target=self._feed, name="recorder", daemon=True)
        self._feeder.start()

    @property
    def pid(self) -> int:
        """The process that writes."""
        return self._link.pid

    @property
    def fault(self) -> str:
        """Why nothing is recorded any more; empty while all is well."""
        return self._link.fault

    @property
    def dropped(self) -> int:
        """Entries that are not in the log."""
        return self._dropped

    def instruction(
        self, text: str, tasks: tuple[Mapping[str, Any], ...], words: str, confidence: float, refused: bool = False
    ) -> None:
        """Something was said, and understood or refused."""
        self._put(LogInstruction(self._stamp(), text, tasks, words, float(confidence), refused))

    def look(self, purpose: str, observation: Observation) -> None:
        """The world was looked at outside the ticks; `purpose` is "understand" or "goal"."""
        self._put(LogLook(self._stamp(), purpose, observation, (), self._state(), ""))

    def goal(self, task: Mapping[str, Any], goal: Goal | None) -> None:
        """A goal is taken up; the ticks that follow belong to it."""
        self._goal += 1
        self._put(LogGoal(self._stamp(), self._goal, task, goal))

    def tick(self, tick: TickLike) -> None:
        """One turn of the loop is over; made to be a loop's `on_tick`. Raises DeviceError where a log is a must."""
        if self._must and self.fault:
            raise DeviceError(f"the log cannot be written any more ({self.fault}), and it was asked for as a must")
        stamp = Stamp(tick.clock_s, time.monotonic(), time.time_ns())
        decision = LogDecision(
            np.asarray(tick.decision.action, dtype=np.float64),
            tick.decision.steps_to_goal,
            tick.decision.done_probability,
            tick.decision.plan_ms,
            tick.decision.source,
            tick.decision.plan,
        )
        self._put(
            LogTick(
                stamp=stamp,
                goal=max(0, self._goal),
                number=tick.number,
                observation=tick.observation,
                missing=(),
                decision=decision,
                held=tick.held,
                target=tick.target,
                sent=tick.sent,
                decision_ms=tick.decision_ms,
                simulator=self._state(),
                digest="",
            )
        )

    def result(self, done: bool, already_done: bool, judged_by: str) -> None:
        """The goal taken up last has ended."""
        self._put(LogResult(self._stamp(), max(0, self._goal), done, already_done, judged_by))

    def measured(self, state: ArmState) -> None:
        """The arm was sampled between ticks."""
        stamp = Stamp(state.stamp_s, time.monotonic(), time.time_ns())
        self._put(LogState(stamp, state.q_rad, state.dq_rad_s, state.effort, state.gripper))

    def parking(self, target: ArmTarget, sent: ArmCommand) -> None:
        """A command of the way to rest; made to be a supervisor's `told`."""
        self._put(LogCommand(self._stamp(), "park", target, sent))

    def bus(self, direction: str, data: bytes) -> None:
        """Bytes went over the servo bus; `direction` is "sent" or "received"."""
        self._put(LogBytes(self._stamp(), direction, data))

    def note(self, words: str, origin: str, level: str = "info") -> None:
        """Words for a person. Never dropped."""
        self._put(LogNote(self._stamp(), level, words, origin), always=True)

    def stop_with(self, words: str, origin: str) -> None:
        """A fault: recorded, and pressed to the disk."""
        self.note(words, origin, "error")

    def close(self) -> Recorded:
        """Write what is queued, close the file, and say what became of it. Twice is once."""
        if self._result is None:
            self._closing.set()
            self._feeder.join(CLOSE_TIMEOUT_S)
            if self._feeder.is_alive():  # the other process takes nothing any more
                self._link.give_up()
                self._feeder.join()
            messages, file_bytes = self._link.finish()
            self._result = Recorded(self.path, messages, file_bytes, self._dropped, self._link.fault)
            if self._dropped:
                self._tell(f"{self._dropped} entries are not in the log {self.path}")
            if (partial := partial_of(self.path)).exists():
                self._tell(f"the log is left as {partial}; make it whole with robot-wm logs recover {partial}")
        return self._result

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.stop_with(f"{type(error).__name__}: {error}", "loop")
        fault = self.close().fault
        if fault and self._must and error is None:
            raise DeviceError(f"the log {self.path} is not whole ({fault}), and it was asked for as a must")

    def _put(self, entry: Entry, always: bool = False) -> None:
        size = _size(entry)
        with self._lock:
            full = self._in - self._out >= QUEUE_ENTRIES or self._bytes_in - self._bytes_out + size > QUEUE_BYTES
            if self._link.fault or (full and not always):
                self._dropped += 1
                self._untold += not self._link.fault
                first = self._dropped == 1 and not self._link.fault
            else:
                self._mend()
                self._enqueue(entry, size)
                first = False
        if first:
            self._tell(f"the log {self.path} cannot keep up (slow disk or busy machine): entries are being dropped")

    def _mend(self) -> None:
        """Where entries were dropped, the log says so at their place."""
        if self._untold:
            words = f"{self._untold} entries were dropped here: the disk or the machine was slower than the loop"
            self._enqueue(LogNote(self._stamp(), "warning", words, "recorder"), 0)
            self._untold = 0

    def _enqueue(self, entry: Entry, size: int) -> None:
        self._in += 1
        self._bytes_in += size
        self._queue.put((entry, size))

    def _feed(self) -> None:
        """Pass on what gathers, in a thread of its own."""
        while not self._closing.wait(GATHER_S):
            self._pass_on()
        self._pass_on()
        if self._untold and not self._link.fault:
            words = f"{self._untold} entries were dropped at the end"
            self._link.send([LogNote(self._stamp(), "warning", words, "recorder")])

    def _pass_on(self) -> None:
        while not self._queue.empty():
            entries, size = self._gathered()
            self._link.send(entries)
            self._out += len(entries)
            self._bytes_out += size

    def _gathered(self) -> tuple[list[Entry], int]:
        """What has gathered, or the first of it where that is much; and its size."""
        entries, total = list[Entry](), 0
        while total < _BATCH_BYTES and not self._queue.empty():
            entry, size = self._queue.get()
            entries.append(entry)
            total += size
        return entries, total

    def _troubled(self, words: str) -> None:
        self._tell(f"recording {self.path} ended early: {words}")

    def _stamp(self) -> Stamp:
        return Stamp(self._now_s(), time.monotonic(), time.time_ns())

    def _state(self) -> Floats | None:
        return None if self._simulator is None else self._simulator()


def partial_of(path: Path) -> Path:
    """What a log is called until it is closed."""
    return path.with_name(path.name + PARTIAL)


def require_free(path: Path) -> None:
    """Raise ConfigError where a log cannot be written to `path`; to be asked before anything moves."""
    require_writable(path)
    for taken in (path, partial_of(path)):
        if taken.exists():
            remedy = "" if taken == path else f" (a recording that was killed: robot-wm logs recover {taken})"
            raise ConfigError(f"cannot write the log {path}: {taken} is there already{remedy}; choose another name")


def _size(entry: Entry) -> int:
    """About how many bytes an entry holds."""
    if not isinstance(entry, LogTick | LogLook):
        return 1024
    return 4096 + sum(frame.rgb.nbytes for frame in entry.observation.frames.values())


def _to_stderr(words: str) -> None:
    print(f"robot-wm: {words}", file=sys.stderr)
