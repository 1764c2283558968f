"""The seam to an arm. Limits are applied here, once, and no implementation can go round them.

Not in it, on purpose: calibration, prompts, reset, rendering, physics, ports.
"""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self, final

from robot_wm.errors import DeviceError
from robot_wm.limits import Limits
from robot_wm.types import ArmCommand, ArmSpec, ArmState, ArmTarget, Floats


class Arm(ABC):
    """A robot arm with a gripper. Implementations fill in `spec` and the six `_` methods, and override nothing else.

    Every implementation passes `tests/contracts/arm_contract.py`.
    """

    _limits: Limits | None = None  # made on connecting, so that no command can come before them
    _stopped = False

    @property
    @abstractmethod
    def spec(self) -> ArmSpec:
        """Joint names, limits, rates and tool frame; readable before connecting."""

    @abstractmethod
    def _connect(self) -> None:
        """Open the device. Raises DeviceError."""

    @abstractmethod
    def _close(self) -> None:
        """Close the device; legal in every state."""

    @abstractmethod
    def _read(self) -> ArmState:
        """Measure, a fresh object each time. Raises DeviceError."""

    @abstractmethod
    def _send(self, command: ArmCommand) -> ArmCommand:
        """Send a limited command; return what was really sent (after quantisation, say). Raises DeviceError."""

    @abstractmethod
    def _stop(self) -> None:
        """Hold still, then release as the device allows; idempotent."""

    @abstractmethod
    def _tool_position(self, q_rad: Floats) -> Floats:
        """Where the tool would be, (3,) m in the base frame, at joint angles (n,); legal in every state.

        `robot_wm.kinematics.Kinematics(spec).position(q_rad)` serves most arms. The limits ask it a few
        dozen times a command, so it must take microseconds.
        """

    @final
    def connect(self) -> None:
        """Open the device and hold the pose it is found in. Twice is once. Raises DeviceError."""
        if self._limits is not None:
            return
        self._connect()
        try:
            self._limits = Limits(self.spec, self._read(), self._tool_position)
            self._stopped = False
        except BaseException:
            self._close()
            raise

    @final
    def close(self) -> None:
        """Close the device; legal in every state."""
        self._limits = None
        self._close()

    @final
    def read(self) -> ArmState:
        """What the arm measures now. Raises DeviceError when it is not connected."""
        self._connected()
        return self._read()

    @property
    @final
    def sent(self) -> ArmCommand:
        """The command in force; before the first, the pose the arm was found in. Raises DeviceError."""
        return self._connected().last

    @final
    def command(self, target: ArmTarget) -> ArmCommand:
        """Limit `target` (position, velocity, acceleration, workspace), send it, return what was really sent.

        A target that is not finite, or of another length, costs a hold: the arm comes to rest as fast as its
        acceleration limit allows and `limited` says why. Raises DeviceError when not connected.
        """
        limits = self._connected()
        state = self._read()
        if self._stopped:  # released, it may have sunk: go on from where it is now
            limits = self._limits = Limits(self.spec, state, self._tool_position)
            self._stopped = False
        allowed = limits.apply(target, state)
        done = self._send(allowed)
        sent = ArmCommand(done.q_rad, done.gripper, done.stamp_s, done.limited, allowed)
        limits.remember(sent)
        return sent

    @final
    def stop(self) -> None:
        """Hold still and release as the device allows; idempotent and legal in every state.

        The next command starts from the pose measured then.
        """
        self._stopped = True
        self._stop()

    def _connected(self) -> Limits:
        if self._limits is None:
            raise DeviceError(f"arm {self.spec.name!r} is not connected; call connect() or use it in a with block")
        return self._limits

    @final
    def __enter__(self) -> Self:
        self.connect()
        return self

    @final
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop()
        finally:
            self.close()
