"""The driver of both protocols against servos of bytes: values, losses, alarms, refusals, and its errors' words."""

from collections.abc import Callable

import pytest

from hardware.bus.counters import Counters
from hardware.bus.errors import BusLostError, NoReplyError, RegisterError, ServoRefusedError
from hardware.bus.register_bus import RegisterBus
from hardware.dynamixel.driver import dynamixel_bus
from hardware.feetech.driver import centre_here, feetech_bus
from tests.hardware.scripted import Delayed, ScriptedPort, Servos

IDS = (1, 2, 3, 4, 5, 6)
Spoil = Callable[[bytes, list[bytes]], list[bytes]]


def rig(protocol: str, spoil: Spoil = lambda request, replies: replies) -> tuple[RegisterBus, Servos, ScriptedPort]:
    """A bus, its servos, and `spoil` between them."""
    servos = Servos(protocol, IDS)

    def answer(request: bytes) -> list[Delayed]:
        return [(0.0005 * place, reply) for place, reply in enumerate(spoil(request, servos.answers(request)))]

    port = ScriptedPort(answer)
    return (feetech_bus(port) if protocol == "feetech" else dynamixel_bus(port)), servos, port


def sane(counters: Counters) -> bool:
    """Nothing lost, and the sums are right."""
    return counters.consistent() and counters.missing == counters.bytes_dropped == counters.retries == 0


both = pytest.mark.parametrize("protocol", ["feetech", "dynamixel"])


@both
def test_what_is_written_is_read(protocol: str) -> None:
    bus, _, _ = rig(protocol)
    bus.write(3, "goal_position", 1234)
    bus.write(3, "homing_offset", -85)
    assert bus.read(3, "goal_position") == 1234
    assert bus.read(3, "homing_offset") == -85
    assert sane(bus.counters)


@both
def test_many_at_once(protocol: str) -> None:
    bus, _, port = rig(protocol)
    goals = {servo: 1000 + servo for servo in IDS}
    bus.sync_write("goal_position", goals)
    assert bus.sync_read("goal_position", IDS) == goals
    assert len(port.sent) == 2
    assert bus.sync_read("goal_position", ()) == {}
    assert sane(bus.counters)


def test_a_block_is_one_transaction() -> None:
    bus, servos, port = rig("feetech")
    servos.put(2, 60, 1024 + 31, 2)
    servos.put(2, 62, 74, 1)
    block = bus.sync_read_block("present_position", "present_current", IDS)
    assert block[2]["present_load"] == -31
    assert block[2]["present_voltage"] == 74
    assert len(port.sent) == 1


def test_a_block_has_a_direction() -> None:
    bus, _, _ = rig("dynamixel")
    with pytest.raises(RegisterError, match=r"present_position \(132\) lies after present_velocity \(128\)"):
        bus.sync_read_block("present_position", "present_velocity", IDS)


def test_a_block_is_written_in_one_packet() -> None:
    bus, servos, port = rig("feetech")
    bus.sync_write_block(
        "goal_position", "goal_velocity", {1: {"goal_position": 2048, "goal_pwm": 0, "goal_velocity": 800}}
    )
    assert servos.memory[1][42:48] == bytes.fromhex("00 08 00 00 20 03")
    assert len(port.sent) == 1
    with pytest.raises(RegisterError, match="torque_limit to lock has gaps"):
        bus.sync_write_block("torque_limit", "lock", {1: {"torque_limit": 1, "lock": 0}})


def test_a_model_reports_what_it_has() -> None:
    bus, servos, _ = rig("dynamixel")
    servos.put(1, 0, 1200, 2)
    servos.put(2, 0, 1060, 2)
    servos.put(2, 6, 45, 1)
    assert [bus.ping(servo).name for servo in (1, 2)] == ["XL330-M288", "XL430-W250"]
    assert bus.ping(2).firmware == "45"
    block = bus.sync_read_block("present_current", "present_position", (1, 2))
    assert "present_current" in block[1] and "present_load" not in block[1]
    assert "present_load" in block[2] and "present_current" not in block[2]


def test_feetech_says_model_and_firmware() -> None:
    bus, servos, _ = rig("feetech")
    servos.put(1, 0, 3, 1)
    servos.put(1, 1, 10, 1)
    servos.put(1, 3, 777, 2)
    assert (bus.ping(1).name, bus.ping(1).firmware) == ("STS3215", "3.10")


@both
def test_scan_finds_who_is_there(protocol: str) -> None:
    bus, _, _ = rig(protocol)
    assert tuple(bus.scan(range(12))) == IDS


@both
def test_a_silent_servo_costs_only_itself(protocol: str) -> None:
    bus, servos, port = rig(protocol)
    servos.ids = (1, 2, 4, 5, 6)
    for _ in range(30):
        before_s = port.now_s()
        assert tuple(bus.sync_read("present_position", IDS)) == servos.ids
    assert bus.counters.missing == 30
    assert port.now_s() - before_s < 0.01  # in the port's own time: 2.5 ms of replies, silence, and settling
    assert bus.counters.consistent()


@both
def test_no_reply_names_servo_register_bytes_and_remedy(protocol: str) -> None:
    bus, _, port = rig(protocol)
    with pytest.raises(NoReplyError) as caught:
        bus.read(9, "present_position")
    text = str(caught.value)
    for part in (f"{protocol} servo 9 on scripted", "present_position", port.sent[-1].hex(" ").upper(), "arm find"):
        assert part in text
    assert "received nothing" in text
    assert bus.counters.retries == 1


@both
def test_one_lost_reply_is_asked_for_again(protocol: str) -> None:
    lost = iter([True])
    bus, servos, _ = rig(protocol, lambda request, replies: [] if next(lost, False) else replies)
    servos.put(4, 56, 1000, 2)
    servos.put(4, 132, 1000, 2)
    assert bus.read(4, "present_position") == 1000
    assert bus.counters.retries == 1


@both
def test_an_echo_is_no_answer(protocol: str) -> None:
    bus, servos, _ = rig(protocol, lambda request, replies: [request, *replies])
    servos.put(1, 56, 777, 2)
    servos.put(1, 132, 777, 2)
    assert bus.read(1, "present_position") == 777
    assert bus.ping(1).number == 0
    bus.write(1, "goal_position", 5)
    assert bus.sync_read("present_position", (1, 2)) == {1: 777, 2: 0}
    assert bus.counters.echoes == 4
    assert bus.counters.consistent()


@both
def test_an_echo_without_an_answer_is_no_answer(protocol: str) -> None:
    bus, _, _ = rig(protocol, lambda request, replies: [request])
    with pytest.raises(NoReplyError):
        bus.read(1, "present_position")
    with pytest.raises(NoReplyError):
        bus.ping(1)


@pytest.mark.parametrize("echoes", [False, True])
def test_an_sts_servo_is_found_though_its_alarm_makes_its_ping_look_like_an_echo(echoes: bool) -> None:
    bus, servos, _ = rig("feetech", lambda request, replies: [*([request] if echoes else []), *replies])
    servos.error[3] = 1  # the voltage bit: the reply to a ping is now the ping, byte for byte
    assert tuple(bus.scan(range(12))) == IDS
    assert bus.alarms[3] == ("voltage out of range",)
    assert bus.counters.consistent()


@both
def test_two_servos_with_one_id_are_not_believed(protocol: str) -> None:
    bus, _, _ = rig(protocol, lambda request, replies: [replies[0], *replies])
    assert tuple(bus.sync_read("present_position", (1, 2, 3))) == (2, 3)
    assert bus.counters.duplicates == 1
    assert bus.counters.consistent()


def test_an_alarm_is_told_and_the_value_delivered() -> None:
    bus, servos, _ = rig("feetech")
    servos.error[3] = 0x20
    assert bus.sync_read("present_position", IDS)[3] == 0
    bus.write(3, "torque_enable", 0)  # a release must not fail because the servo complains
    assert bus.alarms[3] == ("overload",)
    assert bus.alarms[1] == ()
    servos.error.clear()
    bus.sync_read("present_position", IDS)
    assert bus.alarms[3] == ()


def test_an_alert_is_named_by_the_status_register() -> None:
    bus, servos, _ = rig("dynamixel")
    servos.error[2] = 0x80
    servos.put(2, 70, 0b100, 1)
    bus.sync_read("present_position", IDS)
    assert bus.alarms[2] == ("alert",)
    bus.read(2, "status")
    bus.sync_read("present_position", IDS)
    assert bus.alarms[2] == ("overheating",)


def test_a_refusal_has_its_words() -> None:
    bus, servos, _ = rig("dynamixel")
    servos.error[2] = 7
    with pytest.raises(
        ServoRefusedError, match=r"dynamixel servo 2 .* refuses the write of 0 to operating_mode: no access"
    ):
        bus.write(2, "operating_mode", 0)
    assert tuple(bus.sync_read("present_position", (1, 2))) == (1,)
    assert bus.counters.refused == 2


def test_what_cannot_be_is_not_delivered() -> None:
    bus, servos, _ = rig("feetech")
    servos.put(1, 63, 200, 1)  # degrees
    with pytest.raises(NoReplyError, match="present_temperature 200"):
        bus.read(1, "present_temperature")
    assert tuple(bus.sync_read("present_temperature", (1, 2))) == (2,)
    assert bus.counters.implausible == 3


def test_a_jump_is_refused_once_and_then_believed() -> None:
    bus, servos, _ = rig("feetech")
    assert bus.sync_read("present_position", (1,)) == {1: 0}
    servos.put(1, 56, 2000, 2)
    assert bus.sync_read("present_position", (1,)) == {}
    assert bus.sync_read("present_position", (1,)) == {1: 2000}


def test_the_seam_of_a_turn_is_no_jump() -> None:
    bus, servos, _ = rig("feetech")
    for ticks in (4090, 5, 4090):
        servos.put(1, 56, ticks, 2)
        assert bus.sync_read("present_position", (1,)) == {1: ticks}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("present_position", 1, "present_position .56. is read-only; received 1"),
        ("goal_position", 40_000, "accepts -32767 to 32767; received 40000"),
        ("torque_enable", 128, "makes the present position 2048 permanently; calibration calls centre_here"),
    ],
)
def test_what_may_not_be_written_is_not_sent(name: str, value: int, words: str) -> None:
    bus, _, port = rig("feetech")
    with pytest.raises(RegisterError, match=words):
        bus.write(1, name, value)
    with pytest.raises(RegisterError, match=words):
        bus.sync_write(name, {1: value})
    assert port.sent == []


def test_the_zero_is_moved_only_by_its_own_name() -> None:
    bus, servos, _ = rig("feetech")
    centre_here(bus, 2)
    assert servos.memory[2][40] == 128


def test_too_many_servos_for_a_packet() -> None:
    bus, _, _ = rig("feetech")
    with pytest.raises(RegisterError, match="at most 240"):
        bus.sync_write("goal_position", dict.fromkeys(range(100), 0))


def fast_rig(spoil: Spoil = lambda request, replies: replies) -> tuple[RegisterBus, Servos, ScriptedPort]:
    """XL330s that know fast sync read, pinged."""
    bus, servos, port = rig("dynamixel", spoil)
    for servo in IDS:
        servos.put(servo, 0, 1200, 2)
        servos.put(servo, 6, 46, 1)
        servos.put(servo, 132, 100 * servo, 4)
        bus.ping(servo)
    return bus, servos, port


POSITIONS = {servo: 100 * servo for servo in IDS}


def test_reads_are_fast_where_every_firmware_can() -> None:
    bus, servos, port = fast_rig()
    assert bus.sync_read("present_position", IDS) == POSITIONS
    assert port.sent[-1][7] == 0x8A
    assert sane(bus.counters)
    servos.put(6, 6, 45, 1)
    bus.ping(6)
    assert bus.sync_read("present_position", IDS) == POSITIONS
    assert port.sent[-1][7] == 0x82


def test_a_fast_reply_that_breaks_off_gives_what_came_and_is_then_given_up() -> None:
    def cut(request: bytes, replies: list[bytes]) -> list[bytes]:
        return [replies[0][: 8 + (len(replies[0]) - 8) // 2 + 3]] if request[7] == 0x8A else replies

    bus, _, port = fast_rig(cut)
    for _ in range(3):
        assert tuple(bus.sync_read("present_position", IDS)) == (1, 2, 3)
    assert bus.sync_read("present_position", IDS) == POSITIONS
    assert port.sent[-1][7] == 0x82
    assert bus.counters.consistent()


@both
def test_a_lost_port_is_a_state(protocol: str) -> None:
    class Unplugged(ScriptedPort):
        def read_until(self, deadline_s: float) -> bytes:
            raise BusLostError("port 'scripted' is lost")

    servos = Servos(protocol, IDS)
    port = Unplugged(lambda request: [(0.0, reply) for reply in servos.answers(request)])
    with feetech_bus(port) if protocol == "feetech" else dynamixel_bus(port) as bus:
        assert not bus.lost
        with pytest.raises(BusLostError, match="is lost"):
            bus.read(1, "present_position")
        assert bus.lost
        with pytest.raises(BusLostError, match="was lost: close the bus"):
            bus.sync_write("goal_position", {1: 0})
        assert bus.counters.consistent()
    assert port.closed
