"""A station: an arm with what stands around it. What `do` and `eval` are run against, simulated or real.

Benches are found by entry point (group `robot_wm.arms`): each names a function `(scene: str) -> Station`. Knows no
simulator; a simulated station can also be laid anew by seed, judges goals and holds an oracle.
"""

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol, Self, runtime_checkable

from robot_wm.arm import Arm
from robot_wm.camera import Camera
from robot_wm.control.clock import Clock
from robot_wm.control.judging import Judge
from robot_wm.control.policy import Policy
from robot_wm.goals import Task
from robot_wm.records import Picture
from robot_wm.types import Floats


class Station(Protocol):
    """An arm, its cameras and its clock; entering it connects them."""

    @property
    def arm(self) -> Arm:
        """The arm."""
        raise NotImplementedError

    @property
    def cameras(self) -> Mapping[str, Camera]:
        """Cameras by name."""
        raise NotImplementedError

    @property
    def clock(self) -> Clock:
        """The clock that the loop waits on."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        raise NotImplementedError

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError


@runtime_checkable
class SimulatedStation(Station, Protocol):
    """A station whose world can be laid anew, seen through and bumped."""

    @property
    def names(self) -> tuple[str, ...]:
        """What is on the table."""
        raise NotImplementedError

    def reset(self, seed: int, names: Sequence[str] | None = None, away: bool = False) -> None:
        """Lay the table by `seed`: `names`, or a random handful. `away` starts the arm off its rest pose."""
        raise NotImplementedError

    def judge(self, task: Task) -> Judge:
        """A judge of `task` that sees the truth, made at the start of the goal."""
        raise NotImplementedError

    def oracle(self, task: Task, seed: int) -> Policy:
        """A scripted policy for `task` that sees the truth."""
        raise NotImplementedError

    def picture(self) -> Picture:
        """The scene as a person would like to see it, larger than what the policy sees, (h, w, 3)."""
        raise NotImplementedError

    def bump(self, name: str, seed: int) -> bool:
        """Knock a thing sideways by a few centimetres; False, and nothing happens, while the arm has hold of it."""
        raise NotImplementedError


@runtime_checkable
class Restorable(Protocol):
    """A simulated station whose whole state can be read and put back."""

    def state(self) -> Floats:
        """All that `set_state` needs, (s,)."""
        raise NotImplementedError

    def set_state(self, state: Floats) -> None:
        """Go on from `state`, on a table that was laid alike."""
        raise NotImplementedError


@runtime_checkable
class Calibrated(Protocol):
    """A station whose servos were calibrated."""

    @property
    def calibration(self) -> Mapping[str, Any]:
        """The calibration in force, as its file has it."""
        raise NotImplementedError


@runtime_checkable
class Overheard(Protocol):
    """A station whose arm hangs on a servo bus that can be listened to."""

    def overhear(self, listener: Callable[[str, bytes], None]) -> None:
        """From now on, tell `listener` of all bytes that are "sent" and "received"; it must return at once."""
        raise NotImplementedError
