"""Example of an arm from another vendor, whose controller accepts lines of text over TCP.

pose?                          ->  pose 0.1 0.2 0.3 0.4 0.5 0.6    joints in rad, then the gripper opening
go 0.1 0.2 0.3 0.4 0.5 0.6     ->  ok
on / off / halt                ->  ok
"""

import socket
import time
from dataclasses import replace

import numpy as np

from robot_wm.arm import Arm
from robot_wm.control.clock import RealClock
from robot_wm.errors import DeviceError
from robot_wm.fake import fake_spec
from robot_wm.kinematics import Kinematics
from robot_wm.station.plain import PlainStation
from robot_wm.station.station import Station
from robot_wm.types import ArmCommand, ArmSpec, ArmState, Floats


class LineArm(Arm):
    """Implements `spec` and the six methods that differ between arms; the base class applies the limits."""

    def __init__(self, host: str, port: int, spec: ArmSpec) -> None:
        self._address, self._spec = (host, port), spec
        self._kinematics = Kinematics(spec)
        self._line: socket.socket | None = None

    @property
    def spec(self) -> ArmSpec:
        return self._spec

    def _connect(self) -> None:
        try:
            self._line = socket.create_connection(self._address, timeout=1.0)
        except OSError as error:
            raise DeviceError(f"no arm answers at {self._address}: {error}; check that its controller is on") from error
        pose = self._ask("pose?")  # make it the goal before switching torque on, so that the arm does not jump
        self._ask("go" + pose.removeprefix("pose"))
        self._ask("on")

    def _close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def _read(self) -> ArmState:
        values = np.array([float(word) for word in self._ask("pose?").split()[1:]])
        n = self._spec.n_joints
        return ArmState(values[:n], np.zeros(n), None, float(np.clip(values[n], 0.0, 1.0)), time.monotonic())

    def _send(self, command: ArmCommand) -> ArmCommand:
        self._ask("on")
        self._ask("go " + " ".join(f"{value:.6f}" for value in [*command.q_rad, command.gripper]))
        return command

    def _stop(self) -> None:
        if self._line is not None:
            self._ask("halt")
            self._ask("off")

    def _tool_position(self, q_rad: Floats) -> Floats:
        return self._kinematics.forward(q_rad).position_m

    def _ask(self, request: str) -> str:
        if self._line is None:
            raise DeviceError(f"arm {self._spec.name!r} is not connected; call connect() or use it in a with block")
        try:
            self._line.sendall(request.encode() + b"\n")
            answer = self._line.makefile("r").readline().strip()
        except OSError as error:
            raise DeviceError(f"arm {self._spec.name!r} is lost: {error}; check its cable and start again") from error
        if not answer or answer.startswith("error"):
            raise DeviceError(f"arm {self._spec.name!r} answers {answer!r} to {request!r}")
        return answer


def line_arm_station(scene: str, port: str = "192.168.0.10:5000") -> Station:
    """Make the station; the entry point names this function, and `--port HOST:PORT` sets `port`.

    For real cameras see `hardware.cameras.open_cameras`.
    """
    host, _, number = port.partition(":")
    spec = replace(fake_spec(), name="line_arm")  # use your arm's ranges, speeds, rest pose and MJCF
    return PlainStation(LineArm(host, int(number), spec), {}, RealClock())
