"""What each kind of fault does on the line, that chance follows the seed, and that a schedule is read or refused."""

from pathlib import Path

import pytest

from hardware.bus.errors import BusLostError, PortError
from hardware.emulator.faults import Fault, Faults, FaultSchedule
from hardware.emulator.frames import Reply
from robot_wm.config import load_config
from robot_wm.errors import ConfigError, RobotWMError
from tests.hardware.emulator.talking import Sts, bus

PING = bytes.fromhex("ffff010201fb")
PONG = bytes.fromhex("ffff010200fc")


def asked(*faults: Fault, seed: int = 0) -> bytes:
    """What a ping of servo 1 brings."""
    return Sts(bus(faults=faults, seed=seed)).ask(PING)


def test_without_faults_the_reply_is_whole() -> None:
    assert asked() == PONG


def test_a_dropped_reply_is_not_heard_but_the_request_was_carried_out() -> None:
    host = Sts(bus(faults=[Fault("drop", until_s=0.1)]))
    assert host.write(1, 41, 7) == b""
    host.wait(0.2)
    assert host.byte(1, 41) == 7


def test_a_lost_request_is_not_carried_out() -> None:
    host = Sts(bus(faults=[Fault("lost_request", until_s=0.1)]))
    assert host.write(1, 41, 7) == b""
    host.wait(0.2)
    assert host.byte(1, 41) == 0


def test_a_late_reply_comes_after_the_timeout() -> None:
    host = Sts(bus(faults=[Fault("late", delay_s=0.08)]))
    assert host.ask(PING, wait_s=0.07) == b""
    assert host.port.read_until(host.port.now_s() + 0.02) == PONG


def test_a_truncated_reply_is_the_start_of_it() -> None:
    heard = asked(Fault("truncate"))
    assert 0 < len(heard) < len(PONG) and PONG.startswith(heard)


def test_a_flipped_bit_is_one_bit() -> None:
    heard = asked(Fault("flip"))
    assert len(heard) == len(PONG)
    assert sum((a ^ b).bit_count() for a, b in zip(heard, PONG, strict=True)) == 1


def test_an_echo_is_the_request_before_the_reply() -> None:
    assert asked(Fault("echo")) == PING + PONG


def test_noise_goes_before_the_reply() -> None:
    heard = asked(Fault("noise"))
    assert heard.endswith(PONG) and len(heard) > len(PONG)


def test_a_duplicate_id_spoils_the_reply() -> None:
    heard = asked(Fault("duplicate"))
    assert heard != PONG and len(heard) > len(PONG)


def test_a_fault_of_one_servo_leaves_the_others_alone() -> None:
    host = Sts(bus(faults=[Fault("drop", servos=(2,))]))
    heard = host.instruct(0xFE, 0x82, bytes([56, 2, 1, 2, 3]))
    assert [heard[start + 2] for start in range(0, len(heard), 8)] == [1, 3]


def test_slow_usb_holds_replies_back() -> None:
    host = Sts(bus(faults=[Fault("slow_usb", delay_s=0.016)]))
    host.wait(0.001)
    assert host.ask(PING, wait_s=0.010) == b""
    assert host.port.read_until(host.port.now_s() + 0.01) == PONG


def test_an_unplugged_port_is_lost_for_good_and_a_new_one_works_when_it_is_back() -> None:
    lockstep = bus(faults=[Fault("unplug", from_s=1.0, until_s=2.0)])
    host = Sts(lockstep)
    assert host.ask(PING) == PONG
    lockstep.wait_until(1.5)
    with pytest.raises(BusLostError, match="plug it in again"):
        host.port.write(PING)
    with pytest.raises(PortError):
        lockstep.open_port()
    lockstep.wait_until(2.5)
    with pytest.raises(BusLostError):
        host.port.read_until(3.0)
    assert Sts(lockstep).ask(PING) == PONG


def test_a_host_that_stalls_wakes_up_later_while_the_arm_lives_on() -> None:
    lockstep = bus(faults=[Fault("stall", from_s=1.0, until_s=1.4)])
    lockstep.wait_until(1.1)
    assert lockstep.now_s() == 1.4


def test_a_stripped_servo_pushes_and_nothing_moves() -> None:
    host = Sts(bus(faults=[Fault("stripped", servos=(1,))]))
    host.goal(1, 3000)
    host.wait(1.0)
    assert host.word(1, 56) == 2048 and host.word(1, 60) > 500


def test_a_stuck_servo_moves_again_when_it_is_freed() -> None:
    host = Sts(bus(faults=[Fault("stuck", from_s=0.1, until_s=1.0, servos=(1,))]))
    host.wait(0.2)
    host.goal(1, 2600)
    host.lockstep.wait_until(0.9)
    assert host.word(1, 56) == 2048
    host.lockstep.wait_until(2.5)
    assert abs(host.word(1, 56) - 2600) <= 2


def test_the_same_seed_meets_the_same_faults_and_another_one_others() -> None:
    mixed = tuple(Fault(kind, probability=0.3) for kind in ("drop", "flip", "truncate", "noise", "late", "echo"))

    def story(seed: int) -> list[bytes]:
        host = Sts(bus(faults=mixed, seed=seed))
        return [host.ask(PING, wait_s=0.005) for _ in range(60)]

    assert story(1) == story(1)
    assert story(1) != story(2)


def test_a_probability_is_about_what_it_says() -> None:
    faults = Faults(FaultSchedule((Fault("drop", probability=0.1),)), seed=3)
    for _ in range(2000):
        faults.corrupt(Reply(1, PONG, 0.0), 0.0)
    assert 150 < faults.counts["drop"] < 250


def test_a_schedule_is_read_from_yaml(tmp_path: Path) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text(
        "faults:\n  - {kind: late, probability: 0.01}\n  - {kind: stuck, servos: [2], from_s: 4, until_s: 6}\n"
    )
    schedule = load_config(FaultSchedule, path)
    assert schedule.faults == (Fault("late", probability=0.01), Fault("stuck", 4.0, 6.0, (2,)))
    assert schedule.faults[0].effective_delay_s == 0.08


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("faults: [{kind: gremlin}]", "allowed: 'drop', 'lost_request', "),
        ("faults: [{kind: drop, probability: 2}]", "between 0 and 1, received 2"),
        ("faults: [{kind: drop, from_s: 2, until_s: 1}]", "swap them"),
        ("faults: [{kind: stall}]", "set until_s"),
        ("faults: [{kind: drop, probabilty: 1}]", "Did you mean 'probability'"),
    ],
)
def test_a_wrong_schedule_is_refused_with_the_remedy(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text(text)
    with pytest.raises(RobotWMError) as caught:
        load_config(FaultSchedule, path)
    assert words in str(caught.value)
    assert isinstance(caught.value, RobotWMError) and caught.value.exit_status == ConfigError.exit_status
