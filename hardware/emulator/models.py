"""Servo models that can be emulated: their motors, and factory values that differ from the control tables'.

Torque, speed and current are from the data sheets; backlash, friction and heat are assumed (docs/emulator.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from hardware.emulator.motors import MotorSpec
from robot_wm.errors import UnknownNameError

FEETECH, DYNAMIXEL = "feetech", "dynamixel"
PROTOCOLS = (FEETECH, DYNAMIXEL)


@dataclass(frozen=True)
class ServoModel:
    """One product."""

    name: str
    protocol: str
    number: int
    motor: MotorSpec
    factory: Mapping[str, int] = field(default_factory=dict)
    watchdog_stops: bool = True  # False: the 330 size reports the trip and keeps turning

    def __post_init__(self) -> None:
        object.__setattr__(self, "factory", MappingProxyType(dict(self.factory)))


def _motor(rated_v: float, stall_n_m: float, no_load_rpm: float, stall_a: float) -> MotorSpec:
    return MotorSpec(rated_v, stall_n_m, no_load_rpm * 0.104720, stall_a)


_STS_12V = {"max_voltage": 140}
_FIRMWARE = {"firmware": 50}
_FIRMWARE_330 = {"firmware": 52}
_MODELS = (
    ServoModel("STS3215-12V", FEETECH, 777, _motor(12.0, 2.94, 50.0, 2.7), _STS_12V),
    ServoModel("STS3215-7.4V", FEETECH, 777, _motor(7.4, 1.9, 50.0, 2.4)),
    ServoModel("XL330-M288", DYNAMIXEL, 1200, _motor(5.0, 0.52, 103.0, 1.47), _FIRMWARE_330, watchdog_stops=False),
    ServoModel("XC330-T288", DYNAMIXEL, 1220, _motor(12.0, 0.93, 65.0, 0.8), _FIRMWARE_330, watchdog_stops=False),
    ServoModel("XL430-W250", DYNAMIXEL, 1060, _motor(11.1, 1.4, 57.0, 1.3), _FIRMWARE),
    ServoModel("XM430-W350", DYNAMIXEL, 1020, _motor(12.0, 4.1, 46.0, 2.3), _FIRMWARE),
)
SERVO_MODELS = {model.name: model for model in _MODELS}
DEFAULT_MODEL = {FEETECH: "STS3215-12V", DYNAMIXEL: "XM430-W350"}


def servo_model(name: str) -> ServoModel:
    """Return the model of that name. Raises UnknownNameError."""

    if name not in SERVO_MODELS:
        raise UnknownNameError("servo model", name, SERVO_MODELS)
    return SERVO_MODELS[name]
