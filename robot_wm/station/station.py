"""The robot setup: an arm with its cameras and clock, and optionally a simulation that can be reset and judged.

Setups are found by entry point (group `robot_wm.arms`): each names a function `(scene: str) -> Station`. Knows no
simulator and no driver.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from robot_wm.arm import Arm
from robot_wm.camera import Camera
from robot_wm.control.agent import Decides
from robot_wm.control.clock import Clock
from robot_wm.control.judging import Judge
from robot_wm.errors import ConfigError
from robot_wm.goals import Task
from robot_wm.records import Picture
from robot_wm.types import Floats

BusListener = Callable[[str, bytes], None]  # "sent" or "received", and the bytes


class Simulation(ABC):
    """The world of a simulated setup: it can be reset, judged, seen through and disturbed."""

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """The objects on the table."""

    @abstractmethod
    def reset(self, seed: int, names: Sequence[str] | None = None, away: bool = False) -> None:
        """Set the table up from a random seed.

        Args:
            seed: settles everything random; the same seed gives the same table.
            names: the objects on it; None draws a few at random.
            away: start the arm away from its rest pose.
        """

    @abstractmethod
    def judge(self, task: Task) -> Judge:
        """Make a judge of `task` that sees the true state; call it when the goal starts.

        Raises:
            UnknownNameError: the task is about an object that is not on the table.
        """

    @abstractmethod
    def expert(self, task: Task, seed: int) -> Decides:
        """Make a scripted expert for `task` that sees the true state.

        Raises:
            UnknownNameError: the task is about an object that is not on the table.
        """

    @abstractmethod
    def picture(self) -> Picture:
        """Render the scene for people, larger than what an agent sees, (h, w, 3)."""

    @abstractmethod
    def bump(self, name: str, seed: int) -> bool:
        """Knock an object sideways by a few centimetres; does nothing and returns False while the arm holds it."""

    def state(self) -> Floats | None:
        """Return all that `set_state` needs, (s,); None where this simulation cannot be put back."""
        return None

    def set_state(self, state: Floats) -> None:
        """Continue from `state`, on a table that was reset alike. Raises ConfigError where that is not possible."""
        raise ConfigError("this simulation cannot be put back into an earlier state; take --arm mujoco")

    def labels(self) -> Mapping[str, NDArray[np.float32]] | None:
        """Return where everything truly is, as columns of a dataset; None where this simulation does not say."""
        return None


class Station(ABC):
    """An arm, its cameras and its clock. A context manager: entering it connects them, leaving it closes them.

    Every implementation passes `tests/contracts/station_contract.py`.
    """

    @property
    @abstractmethod
    def arm(self) -> Arm:
        """The arm."""

    @property
    @abstractmethod
    def cameras(self) -> Mapping[str, Camera]:
        """The cameras by name."""

    @property
    @abstractmethod
    def clock(self) -> Clock:
        """The clock that the control loop waits on."""

    @property
    def simulation(self) -> Simulation | None:
        """The simulated world; None where the world is real."""
        return None

    @property
    def calibration(self) -> Mapping[str, Any] | None:
        """The servo calibration in force, as its file has it; None where there is none."""
        return None

    def tap_bus(self, listener: BusListener) -> None:
        """Pass all bytes of the servo bus to `listener`, which must return at once.

        Raises:
            ConfigError: the arm is on no servo bus.
        """
        raise ConfigError(f"arm {self.arm.spec.name!r} has no servo bus to listen to; leave --log-bus out")

    @abstractmethod
    def __enter__(self) -> Self: ...

    @abstractmethod
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def require_simulation(station: Station, purpose: str) -> Simulation:
    """Return the station's simulation. Raises ConfigError, which names `purpose`, where the world is real."""
    if station.simulation is None:
        raise ConfigError(f"{purpose} needs a simulated arm, {station.arm.spec.name!r} is none; take --arm mujoco")
    return station.simulation
