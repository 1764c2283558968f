"""After a silence a servo is told nothing before its settings have been looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from hardware.arm.faults import ArmFaultError, Kind
from hardware.arm.servo_family import TORQUE
from hardware.bus.base import ServoBus
from hardware.bus.errors import NoReplyError
from hardware.buses import bus_on
from robot_wm.types import ArmCommand, ArmTarget
from tests.hardware.rigs import PROTOCOLS, EmulatedRig, emulated_rig


@dataclass
class Mute:
    """A bus on which some servos say nothing in a cycle's reading, and some nothing when they are asked alone."""

    bus: ServoBus
    in_cycles: set[int] = field(default_factory=set)
    alone: set[int] = field(default_factory=set)

    def sync_read_block(self, first: str, last: str, servos: Sequence[int]) -> Mapping[int, Mapping[str, int]]:
        answers = self.bus.sync_read_block(first, last, servos)
        return {servo: values for servo, values in answers.items() if servo not in self.in_cycles}

    def read(self, servo: int, register: str) -> int:
        if servo in self.alone:
            raise NoReplyError("nothing")
        return self.bus.read(servo, register)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bus, name)


def muted(protocol: str) -> tuple[EmulatedRig, Mute]:
    """A connected arm and what its bus passes on."""
    buses: list[Mute] = []

    def wrap(bus: ServoBus) -> ServoBus:
        buses.append(Mute(bus))
        return cast(ServoBus, buses[0])

    made = emulated_rig(protocol, wrap_bus=wrap)
    made.arm.connect()
    return made, buses[0]


def cycle(made: EmulatedRig) -> ArmCommand:
    """What is sent in a control cycle that asks every joint to move."""
    sent = made.arm.command(ArmTarget(made.arm.spec.q_rest_rad + 0.2, 0.5))
    made.lockstep.wait_until(made.lockstep.now_s() + 1.0 / made.arm.spec.rate_hz)
    return sent


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_arm_holds_until_all_servos_that_were_silent_have_been_looked_at(protocol: str) -> None:
    made, mute = muted(protocol)
    assert "hold:servo_silent" not in cycle(made).limited
    mute.in_cycles = {2, 3}
    assert "hold:servo_silent" in cycle(made).limited
    mute.in_cycles, mute.alone = set(), {2}
    assert "hold:servo_silent" in cycle(made).limited
    mute.alone = {3}
    assert "hold:servo_silent" in cycle(made).limited
    mute.alone = set()
    assert "hold:servo_silent" not in cycle(made).limited
    made.arm.close()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_servo_that_was_restarted_in_its_silence_is_found_though_another_does_not_answer(protocol: str) -> None:
    made, mute = muted(protocol)
    cycle(made)
    mute.in_cycles = {2, 3}
    cycle(made)
    bus_on(made.lockstep.open_port(made.config.baud), protocol).write(3, TORQUE, 0)
    mute.in_cycles, mute.alone = set(), {2}
    cycle(made)
    assert not made.torque_on[2]
    mute.alone = set()
    with pytest.raises(ArmFaultError) as caught:
        cycle(made)
    assert caught.value.fault.kind is Kind.SERVO_RESTARTED
    assert not any(made.torque_on)
    made.arm.close()
