"""What an X-series servo does with what it is told: the e-Manual's packets and rules, and what clients trip over."""

import pytest

from hardware.dynamixel.crc import crc16
from hardware.emulator.faults import Fault
from tests.hardware.emulator.talking import Dxl, Joints, bus

ACCESS, RANGE, LENGTH, LIMIT = 7, 4, 5, 6
XL330 = ("XL330-M288",)


@pytest.fixture
def host() -> Dxl:
    return Dxl(bus("dynamixel"))


def test_a_ping_tells_model_and_firmware(host: Dxl) -> None:
    reply = host.instruct(1, 1)
    assert reply[:9] == bytes.fromhex("fffffd0001070055") + b"\0"
    assert int.from_bytes(reply[9:11], "little") == 1020 and reply[11] == 50
    assert int.from_bytes(reply[-2:], "little") == crc16(reply[:-2])


def test_a_broadcast_ping_is_answered_in_turn(host: Dxl) -> None:
    heard = host.instruct(0xFE, 1)
    assert [heard[start + 4] for start in range(0, len(heard), 14)] == [1, 2, 3, 4, 5, 6]


def test_a_wrong_crc_is_answered_with_its_error(host: Dxl) -> None:
    assert host.ask(bytes.fromhex("fffffd0001030001194f"))[8] == 3


def test_an_unknown_instruction_is_answered_with_its_error(host: Dxl) -> None:
    assert host.instruct(1, 0x77)[8] == 2


@pytest.mark.parametrize(
    ("address", "value", "size", "error"),
    [
        (132, 0, 4, ACCESS),  # read-only
        (15, 0, 1, ACCESS),  # nothing there
        (64, 2, 1, RANGE),
        (11, 2, 1, RANGE),  # no such mode
        (116, 0, 2, LENGTH),  # half a register
        (116, 4096, 4, LIMIT),
        (102, 1194, 2, LIMIT),
        (116, 2100, 4, 0),
    ],
)
def test_a_write_is_refused_with_the_right_number(host: Dxl, address: int, value: int, size: int, error: int) -> None:
    assert host.write(1, address, value, size) == error


def test_torque_locks_the_eeprom(host: Dxl) -> None:
    assert host.write(1, 31, 70) == 0
    assert host.write(1, 64, 1) == 0
    assert host.write(1, 31, 60) == ACCESS
    assert host.read(1, 31, 1) == (0, 70)


def test_a_goal_without_torque_moves_nothing_and_with_it_is_reached(host: Dxl) -> None:
    host.write(1, 116, 2600, 4)
    host.wait(0.5)
    assert host.read(1, 132, 4) == (0, 2048)
    host.write(1, 64, 1)
    host.wait(2.0)
    assert abs(host.read(1, 132, 4)[1] - 2600) <= 15  # proportional only: friction leaves an error


def test_a_profile_bounds_the_speed(host: Dxl) -> None:
    host.write(1, 112, 50, 4)  # 11.45 rpm: 782 pulses/s
    host.write(1, 64, 1)
    host.write(1, 116, 3500, 4)
    host.wait(1.0)
    assert 2048 + 600 < host.read(1, 132, 4)[1] < 2048 + 800
    assert abs(host.read(1, 128, 4)[1] - 50) <= 5
    assert host.read(1, 123, 1)[1] & 2


def test_status_level_silences_writes_then_reads(host: Dxl) -> None:
    assert host.write(1, 68, 1) == -1
    assert host.read(1, 132, 4) == (0, 2048)
    host.write(1, 68, 0)
    assert host.instruct(1, 2, bytes([132, 0, 4, 0])) == b"" and host.instruct(1, 1) != b""


def test_the_return_delay_is_waited(host: Dxl) -> None:
    host.write(1, 9, 250)
    start_s = host.port.now_s()
    host.port.write(bytes.fromhex("fffffd000103000119 4e"))
    host.port.read_until(start_s + 1.0)
    assert host.port.now_s() - start_s == pytest.approx(10e-5 + 500e-6 + 14e-5)


def test_a_changed_mode_resets_gains_and_profiles(host: Dxl) -> None:
    host.write(1, 84, 300, 2)
    host.write(1, 112, 50, 4)
    host.write(1, 11, 4)
    assert (host.read(1, 84, 2)[1], host.read(1, 112, 4)[1]) == (800, 0)


def test_turns_are_counted_with_the_torque_off_and_lost_by_a_reboot() -> None:
    joints = Joints()
    host = Dxl(bus("dynamixel", physics=joints))
    joints.place(0, 7.0)
    host.wait(0.01)
    seen = host.read(1, 132, 4)[1]
    assert seen == 2048 + round(7.0 / 6.2831853 * 4096)
    host.instruct(1, 8)
    assert host.read(1, 132, 4)[1] == seen % 4096


def test_extended_mode_goes_beyond_a_turn_and_ignores_the_limits(host: Dxl) -> None:
    host.write(1, 11, 4)
    host.write(1, 64, 1)
    assert host.write(1, 116, 6000, 4) == 0
    host.wait(3.0)
    assert abs(host.read(1, 132, 4)[1] - 6000) <= 15


def test_the_homing_offset_is_added_and_bounded_in_position_mode(host: Dxl) -> None:
    host.write(1, 20, 2000, 4)
    host.wait(0.01)
    assert host.read(1, 132, 4)[1] == 2048 + 1024
    host.write(1, 11, 4)
    host.wait(0.01)
    assert host.read(1, 132, 4)[1] == 2048 + 2000


def test_velocity_and_pwm_modes_turn_the_motor(host: Dxl) -> None:
    for mode, address, value, size in ((1, 104, 100, 4), (16, 100, 300, 2)):
        host.write(1, 64, 0)
        assert host.write(1, 11, mode) == 0
        host.write(1, 64, 1)
        host.write(1, address, value, size)
        host.wait(1.0)
        assert 60 < host.read(1, 128, 4)[1] < 130


def test_a_current_mode_needs_a_current_sensor() -> None:
    assert Dxl(bus("dynamixel", models=("XL430-W250",))).write(1, 11, 0) == RANGE
    host = Dxl(bus("dynamixel"))
    assert host.write(1, 11, 0) == 0
    host.write(1, 64, 1)
    host.write(1, 102, 100, 2)
    host.wait(0.2)
    assert host.read(1, 132, 4)[1] > 2048


def test_a_shutdown_is_only_cured_by_a_reboot() -> None:
    host = Dxl(bus("dynamixel", faults=[Fault("overload", from_s=1.0, servos=(1,))]))
    host.write(1, 84, 500, 2)
    host.write(1, 64, 1)
    host.lockstep.wait_until(1.1)
    assert host.read(1, 70, 1) == (0x80, 0x20) and host.read(1, 64, 1)[1] == 0
    assert host.write(1, 116, 2500, 4) == 0x80  # taken, and nothing moves
    assert host.write(1, 64, 1) == 0x80
    host.wait(0.5)
    assert host.read(1, 132, 4)[1] == 2048 and host.read(1, 64, 1)[1] == 0
    host.instruct(1, 8)
    assert host.read(1, 70, 1) == (0, 0) and host.read(1, 84, 2)[1] == 800


def test_the_watchdog_stops_and_locks_the_goals_until_it_is_cleared(host: Dxl) -> None:
    host.write(1, 11, 1)
    host.write(1, 64, 1)
    host.write(1, 104, 100, 4)
    host.write(1, 98, 5)
    host.wait(0.6)
    assert host.read(1, 98, 1)[1] == -1 and abs(host.read(1, 128, 4)[1]) <= 1
    assert host.write(1, 104, 50, 4) == RANGE
    assert host.write(1, 98, 0) == 0 and host.write(1, 104, 50, 4) == 0


def test_the_watchdog_is_wound_up_by_packets_for_others(host: Dxl) -> None:
    host.write(1, 64, 1)
    host.write(1, 98, 5)
    for _ in range(10):
        host.wait(0.02)
        host.read(2, 132, 4)
    assert host.read(1, 98, 1)[1] == 5


def test_the_330_size_reports_the_watchdog_and_keeps_turning() -> None:
    host = Dxl(bus("dynamixel", models=XL330))
    host.write(1, 11, 1)
    host.write(1, 64, 1)
    host.write(1, 104, 100, 4)
    host.write(1, 98, 5)
    host.wait(0.6)
    assert host.read(1, 98, 1)[1] == -1 and host.read(1, 128, 4)[1] > 80


def test_a_factory_reset_keeps_what_it_is_told_to(host: Dxl) -> None:
    host.write(3, 31, 60)
    assert host.instruct(3, 6, b"\x02")[8] == 0
    assert host.read(3, 31, 1)[1] == 80
    assert host.instruct(0xFE, 6, b"\xff") == b"" and host.read(3, 31, 1)[1] == 80


def test_registered_writes_wait_for_the_action(host: Dxl) -> None:
    host.instruct(1, 4, bytes([65, 0, 1]))
    assert (host.read(1, 69, 1)[1], host.read(1, 65, 1)[1]) == (1, 0)
    assert host.instruct(1, 5)[8] == 0
    assert (host.read(1, 69, 1)[1], host.read(1, 65, 1)[1]) == (0, 1)
    assert host.instruct(1, 5)[8] == 2


def test_a_shadow_hears_and_says_nothing(host: Dxl) -> None:
    host.write(2, 12, 1)
    assert host.write(1, 65, 1) == 0
    assert host.read(2, 65, 1)[1] == 1


def test_indirect_data_leads_elsewhere(host: Dxl) -> None:
    host.write(1, 168, 65, 2)
    assert host.write(1, 224, 1) == 0
    assert host.read(1, 65, 1)[1] == 1 and host.read(1, 224, 1)[1] == 1


def test_what_looks_like_a_header_is_stuffed(host: Dxl) -> None:
    host.write(1, 11, 4)
    assert host.write(1, 116, 0xFDFFFF, 4) == RANGE  # out of range, and understood as one value
    host.write(1, 20, -0x020001, 4)  # ff ff fd ff
    reply = host.instruct(1, 2, bytes([20, 0, 4, 0]))
    assert reply[9:-2] == bytes.fromhex("fffffdfdff")


def test_sync_and_bulk_reads_and_writes(host: Dxl) -> None:
    data = b"".join(bytes([servo]) + (servo * 10).to_bytes(2, "little") for servo in (1, 2))
    assert host.instruct(0xFE, 0x83, bytes([84, 0, 2, 0]) + data) == b""
    heard = host.instruct(0xFE, 0x82, bytes([84, 0, 2, 0, 2, 1]))
    assert [(heard[s + 4], heard[s + 9]) for s in (0, 13)] == [(2, 20), (1, 10)]
    host.instruct(0xFE, 0x93, bytes([3, 65, 0, 1, 0, 1, 4, 84, 0, 2, 0, 7, 0]))
    heard = host.instruct(0xFE, 0x92, bytes([3, 65, 0, 1, 0, 4, 84, 0, 2, 0]))
    assert (heard[9], heard[12 + 9]) == (1, 7)


def test_a_fast_sync_read_is_one_frame_with_a_running_crc(host: Dxl) -> None:
    heard = host.instruct(0xFE, 0x8A, bytes([132, 0, 4, 0, 1, 2, 3]))
    assert len(heard) == 8 + 3 * 8 and heard[4] == 0xFE
    assert int.from_bytes(heard[5:7], "little") == len(heard) - 7
    for end in (16, 24, 32):
        assert int.from_bytes(heard[end - 2 : end], "little") == crc16(heard[: end - 2])


def test_a_fast_sync_read_ends_before_a_missing_servo(host: Dxl) -> None:
    heard = host.instruct(0xFE, 0x8A, bytes([132, 0, 4, 0, 1, 9, 3]))
    assert len(heard) == 16 and int.from_bytes(heard[5:7], "little") == 1 + 3 * 8


def test_torque_on_by_goal_update(host: Dxl) -> None:
    host.write(1, 10, 8)
    host.write(1, 116, 2100, 4)
    assert host.read(1, 64, 1)[1] == 1
