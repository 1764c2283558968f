"""Buses on which some servos do not hear that they are to let go."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hardware.arm.servo_family import TORQUE
from hardware.bus.base import ServoBus
from hardware.bus.errors import NoReplyError


@dataclass
class IgnoresTorqueWrites:
    """A bus on which some servos do not answer writes of torque."""

    bus: ServoBus
    deaf: set[int]
    tried: list[int]

    def write(self, servo: int, register: str, value: int) -> None:
        if register == TORQUE:
            self.tried.append(servo)
            if servo in self.deaf:
                raise NoReplyError("nothing")
        self.bus.write(servo, register, value)

    def sync_write(self, register: str, values: Mapping[int, int]) -> None:
        self.bus.sync_write(register, {servo: value for servo, value in values.items() if servo not in self.deaf})

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bus, name)


class IgnoresTorqueOff(IgnoresTorqueWrites):
    """IgnoresTorqueWrites to switching off, not to switching on."""

    def write(self, servo: int, register: str, value: int) -> None:
        if register == TORQUE and value == 1:
            self.bus.write(servo, register, value)
        else:
            super().write(servo, register, value)
