"""A late reply is never taken for the answer to a later request, in virtual time and over a real pseudo-terminal."""

import pytest

from hardware.bus.errors import NoReplyError
from hardware.bus.register_bus import RegisterBus
from hardware.buses import open_bus
from hardware.dynamixel.driver import dynamixel_bus
from hardware.feetech.driver import feetech_bus
from tests.hardware.late_replies import IDS, LateServos, wrong_and_right
from tests.hardware.scripted import PtyPeer, ScriptedPort

both = pytest.mark.parametrize("protocol", ["feetech", "dynamixel"])
CYCLES = 500


def virtual(rig: LateServos) -> RegisterBus:
    """A bus in its own time."""
    port = ScriptedPort(rig.answer)
    return feetech_bus(port) if rig.protocol == "feetech" else dynamixel_bus(port)


@both
@pytest.mark.parametrize("seed", range(3))
def test_no_stale_value_in_virtual_time(protocol: str, seed: int) -> None:
    rig = LateServos(protocol, seed)
    bus = virtual(rig)
    wrong, right = wrong_and_right(bus, rig, CYCLES)
    assert wrong == 0
    assert right == CYCLES * len(IDS) - bus.counters.missing - bus.counters.doubted
    assert rig.late / 2 < bus.counters.missing < rig.late * 2
    assert bus.counters.stale > 0
    assert bus.counters.consistent()


@both
def test_no_stale_value_when_every_tenth_reply_is_late(protocol: str) -> None:
    rig = LateServos(protocol, seed=7, share=0.1)
    bus = virtual(rig)
    assert wrong_and_right(bus, rig, 500)[0] == 0
    assert bus.counters.consistent()


@both
def test_no_stale_value_over_a_terminal(protocol: str) -> None:
    rig = LateServos(protocol, seed=1, share=0.02)
    with PtyPeer(rig.answer) as peer, open_bus(peer.path, protocol) as bus:
        wrong, right = wrong_and_right(bus, rig, 150)
        assert wrong == 0
        assert right > 0
        assert bus.counters.consistent()


@both
def test_a_write_after_a_lost_acknowledgement_is_read_back(protocol: str) -> None:
    rig = LateServos(protocol, seed=0, share=0.0)
    delay_s = iter([0.05, 0.05])  # both attempts of the first write
    port = ScriptedPort(lambda request: [(next(delay_s, 0.0), reply) for _, reply in rig.answer(request)])
    bus = feetech_bus(port) if protocol == "feetech" else dynamixel_bus(port)
    with pytest.raises(NoReplyError, match="did not answer the write of 100 to goal_position"):
        bus.write(1, "goal_position", 100)
    bus.write(1, "goal_position", 200)
    assert len(port.sent) == 4  # the acknowledgement may be the late one: the value is read back
