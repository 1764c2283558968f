"""The interface of an arm. Limits are applied here, once, and no implementation can bypass them.

Calibration, prompts, reset, rendering, physics and ports are deliberately not part of it.
"""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self, final

from robot_wm.errors import DeviceError
from robot_wm.limits import Limits
from robot_wm.types import ArmCommand, ArmSpec, ArmState, ArmTarget, Floats


class Arm(ABC):
    """A robot arm with a gripper. Implementations define `spec` and the six `_` methods and override nothing else.

    Every implementation passes `tests/contracts/arm_contract.py`.
    """

    _limits: Limits | None = None  # created on connecting, so that no command can precede them
    _stopped = False

    @property
    @abstractmethod
    def spec(self) -> ArmSpec:
        """Return joint names, limits, rates and tool frame; readable before connecting."""

    @abstractmethod
    def _connect(self) -> None:
        """Open the device. Raises DeviceError."""

    @abstractmethod
    def _close(self) -> None:
        """Close the device; allowed in every state."""

    @abstractmethod
    def _read(self) -> ArmState:
        """Return a new measurement. Raises DeviceError."""

    @abstractmethod
    def _send(self, command: ArmCommand) -> ArmCommand:
        """Send a limited command; return the one actually sent, e.g. after quantisation. Raises DeviceError."""

    @abstractmethod
    def _stop(self) -> None:
        """Hold still, then release the joints if the device allows it; idempotent."""

    @abstractmethod
    def _tool_position(self, q_rad: Floats) -> Floats:
        """Compute the tool position, (3,) m in the base frame, at joint angles (n,); allowed in every state.

        `robot_wm.kinematics.Kinematics(spec).position(q_rad)` suits most arms. The limits call this a few dozen times
        per command, so it must take microseconds.
        """

    @final
    def connect(self) -> None:
        """Open the device and hold its current pose; does nothing if already connected. Raises DeviceError."""
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
        """Close the device; allowed in every state."""
        self._limits = None
        self._close()

    @final
    def read(self) -> ArmState:
        """Measure the state of the arm. Raises DeviceError if it is not connected."""
        self._connected()
        return self._read()

    @property
    @final
    def sent(self) -> ArmCommand:
        """The command in force; before the first one, the pose at connection. Raises DeviceError if not connected."""
        return self._connected().last

    @final
    def command(self, target: ArmTarget) -> ArmCommand:
        """Limit a target (position, velocity, acceleration, workspace) and send it.

        Args:
            target: Joint target (n,) and gripper opening. If it is not finite or has the wrong length, the arm brakes
                to rest at its acceleration limit instead, and `limited` gives the reason.

        Returns:
            The command that was actually sent.

        Raises:
            DeviceError: The arm failed or is not connected.
        """
        limits = self._connected()
        state = self._read()
        if self._stopped:  # after release it may have sagged: continue from the measured pose
            limits = self._limits = Limits(self.spec, state, self._tool_position)
            self._stopped = False
        allowed = limits.apply(target, state)
        done = self._send(allowed)
        sent = ArmCommand(done.q_rad, done.gripper, done.stamp_s, done.limited, allowed)
        limits.remember(sent)
        return sent

    @final
    def stop(self) -> None:
        """Hold still, then release the joints if the device allows it; idempotent and allowed in every state.

        The next command starts from the pose measured at that time.
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
