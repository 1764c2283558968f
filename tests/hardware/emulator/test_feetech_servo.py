"""What an STS servo does with what it is told: the manual's packets, the table's rules, and the known traps."""

import pytest

from hardware.emulator.faults import Fault
from tests.hardware.emulator.talking import Joints, Sts, bus


@pytest.fixture
def host() -> Sts:
    return Sts(bus())


def test_the_manuals_ping_and_reply(host: Sts) -> None:
    assert host.ask(bytes.fromhex("ffff010201fb")) == bytes.fromhex("ffff010200fc")


def test_a_servo_that_is_not_there_and_a_wrong_check_are_met_with_silence(host: Sts) -> None:
    assert host.instruct(9, 1) == b""
    assert host.ask(bytes.fromhex("ffff010201fa")) == b""


def test_a_packet_in_pieces_is_heard_and_one_that_never_ends_is_forgotten(host: Sts) -> None:
    assert host.ask(bytes.fromhex("ffff0102"), 0.002) == b""
    assert host.ask(bytes.fromhex("01fb"), 0.002) == bytes.fromhex("ffff010200fc")
    assert host.ask(bytes.fromhex("ffff0102"), 0.1) == b""
    assert host.ask(bytes.fromhex("ffff010201fb")) == bytes.fromhex("ffff010200fc")


def test_one_read_returns_all_feedback(host: Sts) -> None:
    error, data = host.read(1, 56, 15)
    assert error == 0 and len(data) == 15
    assert data[:2] == (2048).to_bytes(2, "little") and data[6] == 120 and data[7] == 25


def test_read_only_bytes_ignore_writes(host: Sts) -> None:
    host.write(1, 56, 7, size=2)
    assert host.word(1, 56) == 2048


def test_a_goal_turns_the_torque_on_and_is_reached(host: Sts) -> None:
    assert host.byte(1, 40) == 0
    host.goal(1, 2500)
    host.wait(1.5)
    assert host.byte(1, 40) == 1
    assert abs(host.word(1, 56) - 2500) <= 2
    assert host.byte(1, 66) == 0


def test_a_goal_outside_the_limits_is_clipped_without_a_word_and_stands_in_the_register(host: Sts) -> None:
    host.write(1, 55, 0)
    host.write(1, 11, 2200, size=2)
    host.goal(1, 3000)
    host.wait(1.5)
    assert abs(host.word(1, 56) - 2200) <= 2
    assert host.word(1, 42) == 3000


def test_speed_zero_means_full_speed_and_acceleration_slows_the_start(host: Sts) -> None:
    host.goal(1, 3000)
    host.write(2, 41, 10)  # 1000 steps/s^2
    host.write(2, 42, 3000, 0, 500, size=2)
    host.wait(0.5)
    fast, slow = host.word(1, 56), host.word(2, 56)
    assert fast > 2900 and 2048 < slow < 2048 + 0.5 * 500 + 10


def test_eeprom_written_with_the_lock_closed_is_lost_at_power_off(host: Sts) -> None:
    host.write(1, 13, 60)
    assert host.byte(1, 13) == 60
    host.lockstep.restart()
    host = Sts(host.lockstep)
    assert host.byte(1, 13) == 70
    host.write(1, 55, 0)
    host.write(1, 13, 60)
    host.lockstep.restart()
    assert Sts(host.lockstep).byte(1, 13) == 60


def test_an_id_is_changed_and_the_servo_answers_to_the_new_one(host: Sts) -> None:
    host.write(6, 55, 0)
    assert host.write(6, 5, 9)[2] == 6
    assert host.instruct(6, 1) == b"" and host.instruct(9, 1)[2] == 9


def test_a_baud_rate_is_changed_and_only_that_one_is_heard(host: Sts) -> None:
    host.write(1, 55, 0)
    host.write(1, 6, 4)
    assert host.instruct(1, 1) == b""
    assert Sts(host.lockstep, baud=115_200).instruct(1, 1) != b""


def test_response_level_0_answers_only_pings_and_reads(host: Sts) -> None:
    host.write(1, 55, 0)
    host.write(1, 8, 0)
    assert host.write(1, 41, 5) == b""
    assert host.byte(1, 41) == 5 and host.instruct(1, 1) != b""


def test_an_offset_moves_the_present_position_the_other_way(host: Sts) -> None:
    host.write(1, 55, 0)
    before = host.word(1, 56)
    host.write(1, 31, 100, size=2)
    host.wait(0.01)
    assert host.word(1, 56) == before - 100


def test_128_makes_the_present_position_2048_for_good() -> None:
    joints = Joints()
    joints.place(0, 0.5)
    host = Sts(bus(physics=joints))
    assert host.word(1, 56) == 2374
    host.write(1, 40, 128)
    assert host.word(1, 56) == 2048
    host.lockstep.restart()
    assert Sts(host.lockstep).word(1, 56) == 2048


def test_registered_writes_wait_for_the_action(host: Sts) -> None:
    for servo in (1, 2):
        host.instruct(servo, 4, bytes([42]) + (2300).to_bytes(2, "little"))
    host.wait(0.5)
    assert host.word(1, 56) == 2048 and host.byte(1, 64) == 1
    assert host.instruct(0xFE, 5) == b""
    host.wait(1.5)
    assert [abs(host.word(servo, 56) - 2300) <= 2 for servo in (1, 2)] == [True, True]


def test_sync_read_answers_in_the_order_asked_and_past_a_silent_servo(host: Sts) -> None:
    heard = host.instruct(0xFE, 0x82, bytes([56, 2, 3, 9, 1]))
    assert [heard[start + 2] for start in range(0, len(heard), 8)] == [3, 1]


def test_sync_write_reaches_each_with_its_own_value(host: Sts) -> None:
    data = b"".join(bytes([servo]) + (2048 + 50 * servo).to_bytes(2, "little") for servo in (1, 2, 3))
    assert host.instruct(0xFE, 0x83, bytes([42, 2]) + data) == b""
    host.wait(1.5)
    assert [round((host.word(servo, 56) - 2048) / 50) for servo in (1, 2, 3)] == [1, 2, 3]


def test_two_servos_with_one_id_spoil_each_others_replies(host: Sts) -> None:
    host.goal(2, 2500)
    host.wait(1.0)
    host.write(2, 55, 0)
    host.write(2, 5, 1)
    reply = host.instruct(1, 2, bytes([56, 2]))
    assert reply[-1] != ~sum(reply[2:-1]) & 0xFF


def test_a_blocked_joint_overloads_weakens_and_is_cured_by_torque_off() -> None:
    host = Sts(bus(faults=[Fault("stuck", servos=(1,), until_s=4.0)]))
    host.goal(1, 3500)
    host.wait(1.5)
    assert host.read(1, 60, 2)[0] == 0 and host.word(1, 60) == 1000
    host.wait(1.0)
    error, load = host.read(1, 60, 2)
    assert error == 0x20 and int.from_bytes(load, "little") == 200
    host.write(1, 40, 0)
    host.wait(0.1)
    assert host.read(1, 60, 2) == (0, b"\0\0")


def test_a_lower_torque_limit_never_overloads() -> None:
    host = Sts(bus(faults=[Fault("stuck", servos=(1,))]))
    host.write(1, 48, 500, size=2)
    host.goal(1, 3500)
    host.wait(3.0)
    assert host.read(1, 60, 2)[0] == 0 and host.word(1, 60) == 500


def test_negative_load_and_speed_carry_their_sign_in_a_bit(host: Sts) -> None:
    host.write(1, 41, 10)
    host.goal(1, 1000)
    host.wait(0.3)
    assert host.word(1, 58) & 0x8000 and host.word(1, 60) & 0x400 and not host.word(1, 60) & 0x8000


def test_overheating_takes_the_torque_away_until_it_has_cooled() -> None:
    host = Sts(bus(faults=[Fault("hot", from_s=1.0, servos=(1,))]))
    host.goal(1, 2500)
    host.wait(0.9)
    assert host.read(1, 63, 1)[0] == 0
    host.wait(0.2)
    assert host.read(1, 63, 1)[0] == 0x04
    host.goal(1, 2048)
    host.wait(0.5)
    assert abs(host.word(1, 56) - 2500) <= 2


def test_a_brown_out_forgets_ram_and_keeps_eeprom() -> None:
    host = Sts(bus(faults=[Fault("brown_out", from_s=1.0, until_s=1.2)]))
    host.write(1, 55, 0)
    host.write(1, 13, 60)
    host.write(1, 48, 300, size=2)
    host.goal(1, 2300)
    host.lockstep.wait_until(1.1)
    assert host.instruct(1, 1) == b""
    host.lockstep.wait_until(1.3)
    assert (host.word(1, 48), host.byte(1, 13), host.byte(1, 40), host.byte(1, 55)) == (1000, 60, 0, 1)


def test_a_low_supply_raises_the_voltage_bit_while_it_lasts() -> None:
    host = Sts(bus(faults=[Fault("brown_out", until_s=0.5, volts=3.8)]))
    host.wait(0.1)
    assert host.read(1, 62, 1) == (1, bytes([38]))
    host.wait(0.6)
    assert host.read(1, 62, 1) == (0, bytes([120]))


def test_an_encoder_that_slips_past_the_seam_reads_the_other_end() -> None:
    host = Sts(bus(faults=[Fault("wrap", from_s=0.5, steps=2100, servos=(1,))]))
    assert host.word(1, 56) == 2048
    host.lockstep.wait_until(0.6)
    assert host.word(1, 56) == (2048 + 2100) % 4096


def test_the_full_angle_bit_counts_turns() -> None:
    joints = Joints()
    host = Sts(bus(physics=joints))
    host.write(1, 18, 12 | 16)
    joints.place(0, 4.0)
    host.wait(0.01)
    assert host.word(1, 56) == 2048 + round(4.0 / 6.2831853 * 4096)


def test_speed_mode_turns_and_the_sign_is_bit_15(host: Sts) -> None:
    host.write(1, 33, 1)
    host.write(1, 46, 0x8000 | 400, size=2)
    host.write(1, 40, 1)
    host.wait(0.5)
    start = host.word(1, 56)
    host.wait(0.5)
    assert -240 < host.word(1, 56) - start < -160


def test_a_stale_goal_moves_the_arm_when_torque_returns() -> None:
    joints = Joints()
    host = Sts(bus(physics=joints))
    host.goal(1, 2500)
    host.wait(1.0)
    host.write(1, 40, 0)
    joints.place(0, 0.0)
    host.wait(0.5)
    host.write(1, 40, 1)
    host.wait(1.0)
    assert abs(host.word(1, 56) - 2500) <= 2
