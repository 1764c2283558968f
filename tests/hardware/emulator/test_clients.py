"""Clients that we did not write, on a real pty: what they see is what our own driver sees.

Each has its own packets, checksums and timeouts: they are the check of the emulator that is not our own reading of the
manual. Timeouts are lengthened, since this says nothing about the speed of a loaded machine.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import dynamixel_sdk
import pytest
import rustypot
import scservo_sdk

from hardware.bus.base import ServoBus
from hardware.bus.port import SerialPort
from hardware.bus.register_bus import RegisterBus
from hardware.bus.transport import Timing
from hardware.dynamixel.driver import Dynamixel
from hardware.feetech.driver import Feetech

IDS: tuple[int, ...] = (1, 2, 3, 4, 5, 6)
RATE = 1_000_000
PATIENCE_MS = 2000
PATIENT = Timing(reply_s=4.0, gap_s=4.0)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    for sdk in (scservo_sdk, dynamixel_sdk):
        monkeypatch.setattr(sdk.port_handler, "LATENCY_TIMER", PATIENCE_MS)


def settled(position: Callable[[], int], goal: int, within: int = 12) -> bool:
    """Whether `position` comes to `goal` before long."""
    until_s, before = time.monotonic() + 20.0, -1
    while time.monotonic() < until_s:
        here = position()
        if abs(here - goal) <= within and here == before:
            return True
        before = here
        time.sleep(0.1)
    return False


def agree(ours: Mapping[int, int], theirs: Mapping[int, int]) -> bool:
    """Whether two looks at positions, one after the other, saw the same; under control they move a step or two."""
    return set(ours) == set(theirs) and all(abs(ours[servo] - theirs[servo]) <= 3 for servo in ours)


def our_view(path: str, protocol: str, registers: tuple[str, ...]) -> dict[str, dict[int, int]]:
    dialect = Feetech() if protocol == "feetech" else Dynamixel()
    with RegisterBus(SerialPort(path, RATE), dialect, PATIENT) as bus:
        return {name: _each(bus, name) for name in registers}


def _each(bus: ServoBus, register: str) -> dict[int, int]:
    return {servo: bus.read(servo, register) for servo in IDS}


@pytest.fixture
def feetech(feetech_path: str) -> Iterator[tuple[Any, Any, str]]:
    port = scservo_sdk.PortHandler(feetech_path)
    assert port.openPort() and port.setBaudRate(RATE)
    yield scservo_sdk.PacketHandler(0), port, feetech_path
    port.closePort()


def test_feetechs_sdk_hears_nothing_of_a_servo_that_is_not_there(
    feetech: tuple[Any, Any, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sdk, port, _ = feetech
    monkeypatch.setattr(scservo_sdk.port_handler, "LATENCY_TIMER", 16)
    assert sdk.ping(port, 9) == (0, scservo_sdk.COMM_RX_TIMEOUT, 0)


def test_feetechs_sdk_pings_reads_and_writes(feetech: tuple[Any, Any, str]) -> None:
    sdk, port, path = feetech
    assert sdk.ping(port, 3) == (777, 0, 0)
    assert sdk.write2ByteTxRx(port, 3, 42, 2200) == (0, 0)
    assert settled(lambda: sdk.read2ByteTxRx(port, 3, 56)[0], 2200, 3)
    seen = {servo: sdk.read2ByteTxRx(port, servo, 56)[0] for servo in IDS}
    port.closePort()
    assert agree(our_view(path, "feetech", ("present_position",))["present_position"], seen)


def test_feetechs_sdk_reads_and_writes_all_at_once(feetech: tuple[Any, Any, str]) -> None:
    sdk, port, path = feetech
    write = scservo_sdk.GroupSyncWrite(port, sdk, 42, 2)
    read = scservo_sdk.GroupSyncRead(port, sdk, 56, 15)
    for servo in IDS:
        write.addParam(servo, list((2048 + 20 * servo).to_bytes(2, "little")))
        read.addParam(servo)
    assert write.txPacket() == 0
    assert settled(lambda: sdk.read2ByteTxRx(port, 6, 56)[0], 2048 + 120, 3)
    assert read.txRxPacket() == 0
    volts = {servo: read.getData(servo, 62, 1) for servo in IDS}
    port.closePort()
    ours = our_view(path, "feetech", ("goal_position", "present_voltage", "torque_enable"))
    assert ours["goal_position"] == {servo: 2048 + 20 * servo for servo in IDS}
    assert ours["present_voltage"] == volts and set(ours["torque_enable"].values()) == {1}


@pytest.fixture
def dynamixel(dynamixel_path: str) -> Iterator[tuple[Any, Any, str]]:
    port = dynamixel_sdk.PortHandler(dynamixel_path)
    assert port.openPort() and port.setBaudRate(RATE)
    yield dynamixel_sdk.PacketHandler(2.0), port, dynamixel_path
    port.closePort()


def test_robotis_sdk_pings_reads_and_writes(dynamixel: tuple[Any, Any, str]) -> None:
    sdk, port, path = dynamixel
    assert sdk.ping(port, 2) == (1020, 0, 0)
    assert any(sorted(sdk.broadcastPing(port)[0]) == list(IDS) for _ in range(5))  # its timeout cannot be lengthened
    assert sdk.write1ByteTxRx(port, 2, 64, 1) == (0, 0)
    assert sdk.write1ByteTxRx(port, 2, 31, 60) == (0, 7)  # EEPROM while torque is on
    assert sdk.write4ByteTxRx(port, 2, 116, 5000) == (0, 6)
    assert sdk.write4ByteTxRx(port, 2, 116, 2300) == (0, 0)
    assert settled(lambda: sdk.read4ByteTxRx(port, 2, 132)[0], 2300)
    seen = {servo: sdk.read4ByteTxRx(port, servo, 132)[0] for servo in IDS}
    port.closePort()
    assert agree(our_view(path, "dynamixel", ("present_position",))["present_position"], seen)


def test_robotis_sdk_reads_and_writes_all_at_once(dynamixel: tuple[Any, Any, str]) -> None:
    sdk, port, path = dynamixel
    write = dynamixel_sdk.GroupSyncWrite(port, sdk, 112, 4)
    read = dynamixel_sdk.GroupSyncRead(port, sdk, 126, 10)
    for servo in IDS:
        write.addParam(servo, list((100 + servo).to_bytes(4, "little")))
        read.addParam(servo)
    assert write.txPacket() == 0
    assert read.txRxPacket() == 0
    plain = {servo: read.getData(servo, 132, 4) for servo in IDS}
    assert read.fastSyncRead() == 0
    assert agree({servo: read.getData(servo, 132, 4) for servo in IDS}, plain)
    port.closePort()
    ours = our_view(path, "dynamixel", ("profile_velocity", "present_position"))
    assert ours["profile_velocity"] == {servo: 100 + servo for servo in IDS}
    assert agree(ours["present_position"], plain)


def test_rustypot_speaks_to_sts_servos(feetech_path: str) -> None:
    client = rustypot.Sts3215PyController(feetech_path, RATE, PATIENCE_MS / 1e3)
    goals = {servo: 2048 + 40 * servo for servo in IDS}
    assert client.ping(1)
    client.sync_write_raw_goal_position(list(goals), list(goals.values()))
    for servo, goal in goals.items():
        assert settled(lambda servo=servo: client.sync_read_raw_present_position([servo])[0], goal, 2)
    seen = dict(zip(IDS, client.sync_read_raw_present_position(list(IDS)), strict=True))
    del client
    ours = our_view(feetech_path, "feetech", ("present_position", "goal_position"))
    assert ours["goal_position"] == goals
    assert agree(ours["present_position"], seen)


def test_rustypot_speaks_to_x_series_servos(dynamixel_path: str) -> None:
    client = rustypot.Xl430PyController(dynamixel_path, RATE, PATIENCE_MS / 1e3)
    assert client.ping(1)
    client.write_torque_enable(4, True)
    client.sync_write_goal_position([4, 5], [2211, 2374])
    assert settled(lambda: client.sync_read_present_position([4])[0], 2211)
    seen = dict(zip(IDS, client.sync_read_present_position(list(IDS)), strict=True))
    del client
    ours = our_view(dynamixel_path, "dynamixel", ("present_position", "goal_position"))
    assert agree(ours["present_position"], seen)
    assert (ours["goal_position"][4], ours["goal_position"][5]) == (2211, 2374)
