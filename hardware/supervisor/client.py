"""The `Arm` interface in the controller's process, in front of a supervisor that owns the port.

Connecting starts the supervisor; `stop` parks and releases. The supervisor applies the same limits again, which change
nothing unless the controller is faulty.
"""

from dataclasses import asdict

import numpy as np

from hardware.arm import Calibration, SerialArmConfig, arm_spec
from hardware.bus import Listener
from hardware.supervisor.connection import SupervisorConnection
from hardware.supervisor.state_machine import ControllerTimeouts
from robot_wm.arm import Arm
from robot_wm.config import to_values
from robot_wm.errors import DeviceError
from robot_wm.kinematics import Kinematics
from robot_wm.types import ArmCommand, ArmSpec, ArmState, Floats


class SupervisedArm(Arm):
    """An arm behind its own supervisor."""

    def __init__(
        self,
        config: SerialArmConfig,
        calibration: Calibration,
        port: str,
        timeouts: ControllerTimeouts | None = None,
    ) -> None:
        """Create the arm, not connected.

        Args:
            config: the arm's file.
            calibration: of every joint of `config`.
            port: path or URL of the serial port.
            timeouts: after which the supervisor acts on a silent controller.
        """
        self._config, self._calibration, self._port = config, calibration, port
        self._timeouts = timeouts or ControllerTimeouts()
        self._spec = arm_spec(config, calibration)
        self._kinematics = Kinematics(self._spec)
        self._connection: SupervisorConnection | None = None
        self._listener: Listener | None = None

    @property
    def spec(self) -> ArmSpec:
        return self._spec

    @property
    def supervisor_pid(self) -> int:
        """Id of the process that owns the port. Raises DeviceError when not connected."""
        return self._live_connection().process.pid

    def tap_bus(self, listener: Listener) -> None:
        """Pass all bytes on the bus from now on to `listener`, in a thread of its own. Raises WireError."""
        self._listener = listener
        if self._connection is not None:
            self._connection.tap_bus(listener)

    def _connect(self) -> None:
        order = {
            "port": self._port,
            "config": to_values(self._config),
            "calibration": to_values(self._calibration),
            "patience": asdict(self._timeouts),
        }
        self._connection = SupervisorConnection(order)
        if self._listener is not None:
            try:
                self._connection.tap_bus(self._listener)
            except BaseException:
                self._close()
                raise

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _read(self) -> ArmState:
        reply = self._live_connection().request({"do": "read"})
        speeds = np.array(reply["dq_rad_s"])
        return ArmState(np.array(reply["q_rad"]), speeds, None, reply["gripper"], reply["stamp_s"])

    def _send(self, command: ArmCommand) -> ArmCommand:
        request = {"do": "command", "q_rad": command.q_rad.tolist(), "gripper": command.gripper}
        reply = self._live_connection().request(request)
        limited = (*command.limited, *(reason for reason in reply["limited"] if reason not in command.limited))
        return ArmCommand(np.array(reply["q_rad"]), reply["gripper"], reply["stamp_s"], limited)

    def _stop(self) -> None:
        if self._connection is not None:
            self._connection.park()

    def _tool_position(self, q_rad: Floats) -> Floats:
        return self._kinematics.forward(q_rad).position_m

    def _live_connection(self) -> SupervisorConnection:
        if self._connection is None:
            raise DeviceError(f"arm {self._spec.name!r} is not connected; call connect() or use it in a with block")
        return self._connection
