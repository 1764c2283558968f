"""The recorder: takes entries from a running loop and passes them to a process of its own, which writes the file.

No call waits. Entries go into a bounded queue (`outbox`) and over a socket (`link`); encoding, compression and writing
happen in the other process (`writer`), so that neither a slow disk nor Python's global lock delays the loop, and the
file is closed properly even if this process is killed.
"""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, final

import numpy as np

from robot_wm.errors import DeviceError
from robot_wm.log.entries import (
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
from robot_wm.log.link import Link, Setup
from robot_wm.log.outbox import Outbox
from robot_wm.log.paths import partial_of, require_free
from robot_wm.records import Tick
from robot_wm.types import ArmCommand, ArmState, ArmTarget, Floats, Goal, Observation


@dataclass(frozen=True)
class Recorded:
    """The outcome of a recording."""

    path: Path
    messages: int  # in the file
    file_bytes: int
    dropped: int  # entries that found no room in the queue, or came after a fault
    fault: str  # why recording ended early; empty if it did not


@final
class Recorder:
    """Records one session into one file. A context manager; `close` returns the outcome.

    Args:
        path: of the log; must not exist yet.
        header: what was set up.
        now_s: the loop's clock.
        attachments: files to attach, by name.
        simulator: returns the simulator's state (s,), if there is a simulator.
        tell: called with a message for a person, once for each problem; the default prints to stderr.
        must: if the log can no longer be written, the next `tick` raises DeviceError, so that the arm is parked;
            otherwise the loop continues without a log.

    Raises:
        ConfigError: `path` exists or cannot be written.
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
        self._goal = -1
        self._result: Recorded | None = None
        self._link = Link(Setup(path, header, dict(attachments or {})), self._on_fault)
        self._outbox = Outbox(self._link, self._stamp, self._on_first_drop)

    @property
    def pid(self) -> int:
        """Process id of the writer."""
        return self._link.pid

    @property
    def fault(self) -> str:
        """Why recording ended early; empty if it did not."""
        return self._link.fault

    @property
    def dropped(self) -> int:
        """Number of entries that are not in the log."""
        return self._outbox.dropped

    @property
    def sent(self) -> int:
        """Number of entries that were passed to the writer."""
        return self._outbox.sent

    def instruction(
        self, text: str, tasks: tuple[Mapping[str, Any], ...], words: str, confidence: float, refused: bool = False
    ) -> None:
        """Record an instruction and how it was understood, or why it was refused."""
        self._outbox.put(LogInstruction(self._stamp(), text, tasks, words, float(confidence), refused))

    def look(self, purpose: str, observation: Observation) -> None:
        """Record an observation outside the ticks; `purpose` is "understand" or "goal"."""
        self._outbox.put(LogLook(self._stamp(), purpose, observation, (), self._state(), ""))

    def goal(self, task: Mapping[str, Any], goal: Goal | None) -> None:
        """Record the start of a goal; the ticks that follow belong to it."""
        self._goal += 1
        self._outbox.put(LogGoal(self._stamp(), self._goal, task, goal))

    def tick(self, tick: Tick) -> None:
        """Record one turn of the loop, which has just ended. Raises DeviceError if the log is a must and has failed."""
        if self._must and self.fault:
            raise DeviceError(f"the log can no longer be written ({self.fault}), and the session requires one")
        decision = LogDecision(
            np.asarray(tick.decision.action, dtype=np.float64),
            tick.decision.steps_to_goal,
            tick.decision.done_probability,
            tick.decision.plan_ms,
            tick.decision.source,
            tick.decision.plan,
        )
        self._outbox.put(
            LogTick(
                stamp=Stamp(tick.clock_s, time.monotonic(), time.time_ns()),
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
        """Record how the last goal ended."""
        self._outbox.put(LogResult(self._stamp(), max(0, self._goal), done, already_done, judged_by))

    def measured(self, state: ArmState) -> None:
        """Record a state of the arm that was sampled between ticks."""
        stamp = Stamp(state.stamp_s, time.monotonic(), time.time_ns())
        self._outbox.put(LogState(stamp, state.q_rad, state.dq_rad_s, state.effort, state.gripper))

    def parking(self, target: ArmTarget, sent: ArmCommand) -> None:
        """Record a command on the way to rest."""
        self._outbox.put(LogCommand(self._stamp(), "park", target, sent))

    def bus(self, direction: str, data: bytes) -> None:
        """Record bytes on the servo bus; `direction` is "sent" or "received"."""
        self._outbox.put(LogBytes(self._stamp(), direction, data))

    def note(self, words: str, origin: str, level: str = "info") -> None:
        """Record a message for a person. Never dropped."""
        self._outbox.put(LogNote(self._stamp(), level, words, origin), always=True)

    def stop_with(self, words: str, origin: str) -> None:
        """Record a fault and sync the file to the disk."""
        self.note(words, origin, "error")

    def close(self) -> Recorded:
        """Write what is queued, close the file and return the outcome. A second call returns the same."""
        if self._result is None:
            self._outbox.close()
            messages, file_bytes = self._link.finish()
            self._result = Recorded(self.path, messages, file_bytes, self.dropped, self.fault)
            if self.dropped:
                self._tell(f"{self.dropped} entries are missing in the log {self.path}")
            if (partial := partial_of(self.path)).exists():
                self._tell(f"the log was left as {partial}; repair it with: robot-wm logs recover {partial}")
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
            raise DeviceError(f"the log {self.path} is incomplete ({fault}), and the session requires one")

    def _on_first_drop(self) -> None:
        self._tell(f"the log {self.path} cannot keep up (slow disk or busy machine): entries are being dropped")

    def _on_fault(self, words: str) -> None:
        self._tell(f"recording {self.path} ended early: {words}")

    def _stamp(self) -> Stamp:
        return Stamp(self._now_s(), time.monotonic(), time.time_ns())

    def _state(self) -> Floats | None:
        return None if self._simulator is None else self._simulator()


def _to_stderr(words: str) -> None:
    print(f"robot-wm: {words}", file=sys.stderr)
