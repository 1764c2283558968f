"""A recorder that records nothing, so that who reports to one need not ask whether there is one."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Protocol, Self, final

from robot_wm.records import Tick
from robot_wm.types import ArmCommand, ArmTarget, Goal, Observation


class Journal(Protocol):
    """What a running session reports to: a `Recorder`, or `Silent`."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def instruction(
        self, text: str, tasks: tuple[Mapping[str, Any], ...], words: str, confidence: float, refused: bool = False
    ) -> None:
        """Something was said, and understood or refused."""
        ...

    def look(self, purpose: str, observation: Observation) -> None:
        """The world was looked at outside the ticks."""
        ...

    def goal(self, task: Mapping[str, Any], goal: Goal | None) -> None:
        """A goal is taken up."""
        ...

    def tick(self, tick: Tick) -> None:
        """One turn of the loop is over."""
        ...

    def result(self, done: bool, already_done: bool, judged_by: str) -> None:
        """The goal has ended."""
        ...

    def parking(self, target: ArmTarget, sent: ArmCommand) -> None:
        """A command of the way to rest."""
        ...

    def note(self, words: str, origin: str, level: str = "info") -> None:
        """Words for a person."""
        ...


@final
class Silent:
    """Implements `Journal`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing was opened."""

    def instruction(
        self, text: str, tasks: tuple[Mapping[str, Any], ...], words: str, confidence: float, refused: bool = False
    ) -> None:
        """Forgotten."""

    def look(self, purpose: str, observation: Observation) -> None:
        """Forgotten."""

    def goal(self, task: Mapping[str, Any], goal: Goal | None) -> None:
        """Forgotten."""

    def tick(self, tick: Tick) -> None:
        """Forgotten."""

    def result(self, done: bool, already_done: bool, judged_by: str) -> None:
        """Forgotten."""

    def parking(self, target: ArmTarget, sent: ArmCommand) -> None:
        """Forgotten."""

    def note(self, words: str, origin: str, level: str = "info") -> None:
        """Forgotten."""
