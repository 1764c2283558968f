"""Parking of an arm, and a guard that parks it when the controller hangs, fails or exits.

The guard runs in the controller's process, which suffices for simulated arms; a serial arm also has a supervisor in a
separate process.
"""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar, final

import numpy as np

from robot_wm.arm import Arm
from robot_wm.control.clock import Clock
from robot_wm.errors import DeviceError, RobotWMError
from robot_wm.types import ArmCommand, ArmSpec, ArmState, ArmTarget

Used = TypeVar("Used")
CommandListener = Callable[[ArmTarget, ArmCommand], None]  # receives the target and the command sent
PARK_SPEED_RAD_S = 0.6
PARK_TIMEOUT_S = 10.0
PARKED_WITHIN_RAD = 0.05


@final
class ArmGuard:
    """Guards a connected arm: after `patience_s` without a command it parks the arm and latches a fault.

    A context manager: whenever the block ends (return, exception, Ctrl-C), the arm is parked and stopped. The watchdog
    runs on `clock`, so it cannot trip while simulated time stands still.

    Args:
        arm: the arm, connected.
        clock: the clock of the control loop.
        patience_s: longest time between two commands, s.
        on_command: called with each command sent while parking.
    """

    def __init__(
        self,
        arm: Arm,
        clock: Clock,
        patience_s: float = 2.0,
        on_command: CommandListener = lambda target, sent: None,
    ) -> None:
        self._arm = arm
        self._clock = clock
        self._patience_s = patience_s
        self._on_command = on_command
        self._lock = threading.RLock()
        self._leaving = threading.Event()
        self._watch = threading.Thread(target=self._watch_heartbeat, name="arm-guard", daemon=True)
        self._beat_s: float | None = None  # None until the first command: loading a model is not a hang
        self._fault = ""

    @property
    def spec(self) -> ArmSpec:
        return self._arm.spec

    @property
    def sent(self) -> ArmCommand:
        """The command in force. Raises DeviceError if the arm is not connected."""
        return self._arm.sent

    @property
    def fault(self) -> str:
        """The reason why the arm was parked; empty without a fault."""
        return self._fault

    def clear(self) -> None:
        """Clear the fault, once its cause has been removed."""
        with self._lock:
            self._fault = ""
            self._beat_s = None

    def read(self) -> ArmState:
        """Measure the state of the arm. Raises DeviceError."""
        with self._lock:
            return self._guarded(self._arm.read)

    def command(self, target: ArmTarget) -> ArmCommand:
        """Forward a target to the arm and reset the watchdog. Raises DeviceError while a fault is latched."""
        with self._lock:
            if self._fault:
                raise DeviceError(
                    f"the arm is parked after a fault: {self._fault}; remove its cause, then call clear()"
                )
            self._beat_s = self._clock.now_s()
            return self._guarded(lambda: self._arm.command(target))

    def park(self) -> bool:
        """Move slowly to the rest pose, gripper unchanged. Return whether it was reached."""
        with self._lock:
            return park(self._arm, self._clock, on_command=self._on_command)

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._leaving.set()
            self._watch.join()
            self._park_unless_dead()
        finally:
            self._arm.stop()  # in any case, even after a second Ctrl-C

    def _guarded(self, use: Callable[[], Used]) -> Used:
        try:
            return use()
        except DeviceError as error:
            self._fault = self._fault or str(error)
            raise

    def _watch_heartbeat(self) -> None:
        while not self._leaving.wait(self._patience_s / 4):
            with self._lock:
                silent_s = 0.0 if self._beat_s is None else self._clock.now_s() - self._beat_s
                if silent_s > self._patience_s and not self._fault:
                    self._fault = f"no command for {silent_s:.1f} s (patience {self._patience_s:.1f} s)"
                    self._park_unless_dead()

    def _park_unless_dead(self) -> None:
        try:
            self.park()
        except RobotWMError as error:  # an arm that no longer responds cannot be parked, but is still stopped
            self._fault = self._fault or str(error)


def park(
    arm: Arm,
    clock: Clock,
    speed_rad_s: float = PARK_SPEED_RAD_S,
    on_command: CommandListener = lambda target, sent: None,
) -> bool:
    """Move an arm slowly from its current pose to the rest pose, gripper unchanged.

    Args:
        arm: the arm, connected.
        clock: waited on between commands.
        speed_rad_s: largest joint speed requested.
        on_command: called with each command.

    Returns:
        True once every joint is within PARKED_WITHIN_RAD of rest, False after PARK_TIMEOUT_S.

    Raises:
        DeviceError: the arm failed.
    """
    start, dt_s = arm.read(), 1.0 / arm.spec.rate_hz
    away_rad = arm.spec.q_rest_rad - start.q_rad  # (n,)
    steps = max(1, int(np.ceil(np.abs(away_rad).max() / (speed_rad_s * dt_s))))
    for tick in range(1, int(PARK_TIMEOUT_S / dt_s)):
        target = ArmTarget(start.q_rad + away_rad * min(1.0, tick / steps), start.gripper)
        on_command(target, arm.command(target))
        clock.wait_until(clock.now_s() + dt_s)
        if tick >= steps and np.abs(arm.read().q_rad - arm.spec.q_rest_rad).max() < PARKED_WITHIN_RAD:
            return True
    return False
