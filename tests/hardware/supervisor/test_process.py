"""The supervisor as a process, on a real pty: the controller is killed, stopped, hangs, or ends as it should.

ControllerTimeouts is long here, so that a busy machine is no fault; how quick it is, `benchmarks.faults` measures.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from hardware.arm.calibration import centred, save_calibration
from hardware.arm.config import SerialArmConfig
from hardware.arm.faults import ArmFaultError
from hardware.arm.servo_family import POSITION, TORQUE
from hardware.bus.transport import Timing
from hardware.buses import open_bus
from hardware.feetech import packets
from hardware.feetech.tables import STS
from hardware.station import SerialStation
from hardware.supervisor.client import SupervisedArm
from hardware.supervisor.endpoint import connect_to, endpoint_of
from hardware.supervisor.state_machine import ControllerTimeouts
from hardware.supervisor.wire import OPERATOR, WireError
from robot_wm.config import save_config
from robot_wm.errors import ConfigError, DeviceError
from robot_wm.types import ArmTarget
from tests.hardware.rigs import so101

PATIENT = Timing(reply_s=5.0, gap_s=5.0)
CALM = ControllerTimeouts(hold_s=60.0, gone_s=120.0, command_s=120.0)
WAIT_S = 120.0
CONTROLLER = """
import os, sys, time
import numpy as np
from pathlib import Path
from hardware.arm.config import SerialArmConfig, calibration_of
from hardware.supervisor.client import SupervisedArm
from hardware.supervisor.state_machine import ControllerTimeouts
from robot_wm.config import load_config
from robot_wm.types import ArmTarget
config = load_config(SerialArmConfig, sys.argv[1])
arm = SupervisedArm(config, calibration_of(config), config.port, ControllerTimeouts(*map(float, sys.argv[3:6])))
arm.connect()
target = ArmTarget(arm.spec.q_rest_rad + np.array([0.8, 0.2, -0.2, -0.2, 0.8]), 0.9)
for number in range(10_000):
    arm.command(target)
    if number == 5:
        print("moving", flush=True)
        if sys.argv[2] == "holds the GIL":
            sum(range(10**11))
        if sys.argv[2] == "main loop hangs":
            time.sleep(1000)
    time.sleep(0.1)
"""


@dataclass(frozen=True)
class Bus:
    """An emulated bus in a process of its own."""

    port: str
    config: SerialArmConfig

    def torques(self) -> list[int]:
        with open_bus(self.port, "feetech", 1_000_000, PATIENT) as bus:
            return [bus.read(servo, TORQUE) for servo in self.config.servos]

    def pose_rad(self) -> np.ndarray:
        with open_bus(self.port, "feetech", 1_000_000, PATIENT) as bus:
            ticks = {servo: bus.read(servo, POSITION) for servo in self.config.servos}
        return centred("so101", self.config.all_joints).angles_rad(ticks)

    def arm(self, patience: ControllerTimeouts = CALM) -> SupervisedArm:
        return SupervisedArm(self.config, centred("so101", self.config.all_joints), self.port, patience)


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    command = [sys.executable, "-c", "import sys; from hardware.commands.emulate import main; main(sys.argv[1:])"]
    with subprocess.Popen([*command, "--physics", "ideal"], stdout=subprocess.PIPE, text=True) as emulator:
        assert emulator.stdout is not None
        port = emulator.stdout.readline().strip()
        config = replace(so101(), port=port, timing=PATIENT, calibration=str(tmp_path / "so101.yaml"))
        # the emulated joints begin at 0, which is far from rest: parking is a motion that can be seen
        save_calibration(centred("so101", config.all_joints), tmp_path / "so101.yaml")
        yield Bus(port, config)
        emulator.terminate()


def controller(bus: Bus, tmp_path: Path, how: str, patience: tuple[float, float, float]) -> "subprocess.Popen[str]":
    save_config(bus.config, tmp_path / "arm.yaml")
    words = [sys.executable, "-c", CONTROLLER, str(tmp_path / "arm.yaml"), how, *map(str, patience)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "moving\n"
    return process


def wait_for_no_supervisor(port: str) -> None:
    """Until its lock is free: it hears nobody any more some time before it lets go of the port."""
    end_s = time.monotonic() + WAIT_S
    with endpoint_of(port).lock.open("a") as lock:
        while time.monotonic() < end_s:
            try:
                return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.2)
    pytest.fail("the supervisor does not end")


def at_rest(bus: Bus) -> bool:
    """Nearer than it began by far (1.6 rad); on a busy machine emulated time lags behind, and parking has its limit."""
    return bool(np.abs(bus.pose_rad()[:5] - np.array(bus.config.q_rest_rad)).max() < 0.8)


def test_a_session_from_start_to_end(bus: Bus) -> None:
    with bus.arm() as arm:
        start = arm.read()
        sent = arm.command(ArmTarget(start.q_rad + 0.05, start.gripper))
        assert np.abs(sent.q_rad - start.q_rad).max() > 0.0
        with pytest.raises(DeviceError, match="already has a supervisor"):
            bus.arm().connect()
        pid = arm.supervisor_pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert bus.torques() == [0] * 6
    assert at_rest(bus)


def test_the_bytes_on_its_bus_can_be_overheard_up_to_the_release(bus: Bus) -> None:
    heard: list[tuple[str, bytes]] = []
    station = SerialStation(bus.arm(), {}, centred("so101", bus.config.all_joints))
    station.tap_bus(lambda direction, data: heard.append((direction, data)))
    with station:
        station.arm.read()
        station.arm.command(ArmTarget(station.arm.read().q_rad, 0.5))
    assert {direction for direction, _ in heard} == {"sent", "received"}
    sent = [data for direction, data in heard if direction == "sent"]
    assert all(data.startswith(b"\xff\xff") for data in sent)
    off = packets.sync_write(STS[TORQUE].address, dict.fromkeys(bus.config.servos, b"\0"))
    assert off in sent


@pytest.mark.parametrize("how", ["killed", "stopped", "holds the GIL", "main loop hangs"])
def test_whatever_becomes_of_the_controller_the_arm_is_parked_and_released(bus: Bus, tmp_path: Path, how: str) -> None:
    patience = {"killed": (60, 120, 120), "main loop hangs": (60, 120, 3)}.get(how, (3.0, 4.0, 120.0))
    process = controller(bus, tmp_path, how, patience)
    try:
        if how == "killed":
            process.kill()
        elif how == "stopped":
            process.send_signal(signal.SIGSTOP)
        wait_for_no_supervisor_or_release(bus.port)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    wait_for_no_supervisor(bus.port)
    assert bus.torques() == [0] * 6
    assert at_rest(bus)


def test_the_key_that_stops_the_controller_does_not_stop_the_supervisor(bus: Bus) -> None:
    with bus.arm() as arm:
        os.kill(arm.supervisor_pid, signal.SIGTSTP)
        start = arm.read()
        arm.command(ArmTarget(start.q_rad, start.gripper))
    assert bus.torques() == [0] * 6


def test_a_request_that_was_interrupted_leaves_the_next_one_its_own_answer(bus: Bus) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    def cut_short(arm: SupervisedArm, after_s: float) -> bool:
        try:  # the alarm may come until it is switched off, in here
            signal.setitimer(signal.ITIMER_REAL, after_s)
            state = arm.read()
            arm.command(ArmTarget(state.q_rad, state.gripper))
            signal.setitimer(signal.ITIMER_REAL, 0.0)
        except KeyboardInterrupt:
            return True
        return False

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with bus.arm() as arm:
            start, cut = arm.read(), 0
            for k in range(40):
                cut += cut_short(arm, 0.0005 * (k % 8 + 1))
                np.testing.assert_allclose(arm.read().q_rad, start.q_rad, atol=0.1)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert cut > 0


def wait_for_no_supervisor_or_release(port: str) -> None:
    """A controller that lives on keeps its supervisor, which has released the arm."""
    end_s = time.monotonic() + WAIT_S
    while time.monotonic() < end_s:
        try:
            with closing(connect_to(endpoint_of(port), OPERATOR, timeout_s=WAIT_S)) as channel:
                channel.send({"do": "status"})
                state = channel.receive()["state"]
        except WireError:
            return
        if state == "released":
            return
        time.sleep(0.2)
    pytest.fail("the arm is not released")


def command_on(arm: SupervisedArm, target: ArmTarget) -> None:
    """Command until it is refused."""
    for _ in range(1000):
        arm.command(target)


@pytest.mark.parametrize("way", ["signal", "message"])
def test_the_emergency_stop_releases_latches_and_is_told_to_the_controller(bus: Bus, way: str) -> None:
    arm = bus.arm()
    with arm:
        start = arm.read()
        arm.command(ArmTarget(start.q_rad, start.gripper))
        if way == "signal":
            os.kill(arm.supervisor_pid, signal.SIGQUIT)
        else:
            channel = connect_to(endpoint_of(bus.port), OPERATOR, timeout_s=WAIT_S)
            channel.send({"do": "release", "why": "the test"})
            assert channel.receive()["energised"] is False
            channel.close()
        with pytest.raises(ArmFaultError, match="emergency stop"):
            command_on(arm, ArmTarget(start.q_rad, start.gripper))
    assert bus.torques() == [0] * 6
    arm.connect()  # a person starts anew
    arm.stop()
    arm.close()


def test_a_supervisor_that_dies_is_a_named_fault(bus: Bus) -> None:
    arm = bus.arm()
    arm.connect()
    os.kill(arm.supervisor_pid, signal.SIGKILL)
    with pytest.raises(ArmFaultError, match=r"supervisor gone.*robot-wm arm release"):
        command_on(arm, ArmTarget(arm.spec.q_rest_rad, 0.5))
    arm.close()


def test_a_port_that_is_not_there_or_not_named_is_told_by_the_one_who_asked(bus: Bus) -> None:
    calibration = centred("so101", bus.config.all_joints)
    with pytest.raises(DeviceError, match="cannot open port"):
        SupervisedArm(bus.config, calibration, "/dev/tty-none").connect()
    with pytest.raises(ConfigError, match="--port"):
        SupervisedArm(bus.config, calibration, "").connect()
