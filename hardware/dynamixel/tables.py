"""Control table of the Dynamixel X series (Protocol 2.0) as data; little-endian, two's complement.

`X_SERIES` holds every register by name and is used by the driver; `table_of(model number)` holds those of one model
with its units and defaults. Source: the ROBOTIS e-Manual pages of XL330-M288, XL430-W250 and XM430-W350. Addresses
below 64 are EEPROM, writable only with the torque off. A servo without a register answers with error 7.
"""

from dataclasses import dataclass, replace
from functools import cache
from math import pi
from typing import Any

from hardware.bus import Register, Sign, Table

Fields = dict[str, Any]  # keyword arguments of Register
TICKS_PER_TURN = 4096
RAD_PER_TICK = 2 * pi / TICKS_PER_TURN
RAD_S_PER_COUNT = 0.229 * 2 * pi / 60
BAUD_BY_CODE = (9_600, 57_600, 115_200, 1_000_000, 2_000_000, 3_000_000, 4_000_000, 4_500_000)
FACTORY_BAUD = 57_600
WATCHDOG_TRIPPED = -1
INDIRECT_COUNT = 28

STATUS_WORDS = {0: "voltage out of range", 2: "overheating", 3: "motor encoder", 4: "electrical shock", 5: "overload"}

_SIGNED: Fields = {"sign": Sign.TWOS_COMPLEMENT}
_POSITION: Fields = {"unit": "rad", "scale": RAD_PER_TICK}
_VELOCITY: Fields = {"unit": "rad/s", "scale": RAD_S_PER_COUNT}
_ACCELERATION: Fields = {"unit": "rad/s^2", "scale": 0.3745}
_PWM: Fields = {"unit": "1", "scale": 0.00113}
_SHARE: Fields = {"unit": "1", "scale": 0.001}
_VOLTAGE: Fields = {"unit": "V", "scale": 0.1}
_CELSIUS: Fields = {"unit": "degC"}
_CURRENT: Fields = {"unit": "A", "scale": 0.001}
_GAIN: Fields = {"high": 16_383}


def _eeprom() -> tuple[Register, ...]:
    return (
        Register("model_number", 0, 2, "r", eeprom=True),
        Register("model_information", 2, 4, "r", eeprom=True),
        Register("firmware", 6, 1, "r", eeprom=True),
        Register("id", 7, 1, eeprom=True, high=252, default=1),
        Register("baud_code", 8, 1, eeprom=True, high=7, default=1),
        Register("return_delay", 9, 1, unit="s", scale=2e-6, eeprom=True, high=254, default=250),
        Register("drive_mode", 10, 1, eeprom=True, high=13),
        Register("operating_mode", 11, 1, eeprom=True, high=16, default=3),
        Register("secondary_id", 12, 1, eeprom=True, default=255),
        Register("protocol_type", 13, 1, eeprom=True, default=2),
        Register("homing_offset", 20, 4, eeprom=True, low=-1_044_479, high=1_044_479, **_SIGNED, **_POSITION),
        Register("moving_threshold", 24, 4, eeprom=True, high=1023, default=10, **_VELOCITY),
        Register("max_temperature", 31, 1, eeprom=True, high=100, default=80, **_CELSIUS),
        Register("max_voltage", 32, 2, eeprom=True, high=160, default=160, **_VOLTAGE),
        Register("min_voltage", 34, 2, eeprom=True, high=160, default=95, **_VOLTAGE),
        Register("pwm_limit", 36, 2, eeprom=True, high=885, default=885, **_PWM),
        Register("current_limit", 38, 2, eeprom=True, high=2047, default=1193, **_CURRENT),
        Register("velocity_limit", 44, 4, eeprom=True, high=2047, default=350, **_VELOCITY),
        Register("max_position", 48, 4, eeprom=True, high=4095, default=4095, **_POSITION),
        Register("min_position", 52, 4, eeprom=True, high=4095, **_POSITION),
        Register("startup_configuration", 60, 1, eeprom=True, high=3),
        Register("pwm_slope", 62, 1, eeprom=True, low=1, default=140),
        Register("shutdown_mask", 63, 1, eeprom=True, default=52),
    )


def _control() -> tuple[Register, ...]:
    return (
        Register("torque_enable", 64, 1, high=1),
        Register("led", 65, 1, high=1),
        Register("status_return_level", 68, 1, high=2, default=2),
        Register("registered_instruction", 69, 1, "r", high=1),
        Register("status", 70, 1, "r"),
        Register("velocity_i", 76, 2, default=1920, **_GAIN),
        Register("velocity_p", 78, 2, default=100, **_GAIN),
        Register("position_d", 80, 2, **_GAIN),
        Register("position_i", 82, 2, **_GAIN),
        Register("position_p", 84, 2, default=800, **_GAIN),
        Register("feedforward_2nd", 88, 2, **_GAIN),
        Register("feedforward_1st", 90, 2, **_GAIN),
        Register("bus_watchdog", 98, 1, unit="s", scale=0.02, low=WATCHDOG_TRIPPED, high=127, **_SIGNED),
        Register("goal_pwm", 100, 2, low=-885, high=885, default=885, **_SIGNED, **_PWM),
        Register("goal_current", 102, 2, low=-2047, high=2047, default=1193, **_SIGNED, **_CURRENT),
        Register("goal_velocity", 104, 4, low=-2047, high=2047, **_SIGNED, **_VELOCITY),
        Register("profile_acceleration", 108, 4, high=32_767, **_ACCELERATION),
        Register("profile_velocity", 112, 4, high=32_767, **_VELOCITY),
        Register("goal_position", 116, 4, low=-1_048_575, high=1_048_575, **_SIGNED, **_POSITION),
    )


def _feedback() -> tuple[Register, ...]:
    return (
        Register("realtime_tick", 120, 2, "r", unit="s", scale=0.001, high=32_767),
        Register("moving", 122, 1, "r", high=1),
        Register("moving_status", 123, 1, "r"),
        Register("present_pwm", 124, 2, "r", **_SIGNED, **_PWM),
        Register("present_current", 126, 2, "r", **_SIGNED, **_CURRENT),
        Register("present_load", 126, 2, "r", **_SIGNED, **_SHARE),
        Register("present_velocity", 128, 4, "r", low=-4095, high=4095, **_SIGNED, **_VELOCITY),
        Register("present_position", 132, 4, "r", **_SIGNED, **_POSITION),
        Register("velocity_trajectory", 136, 4, "r", **_SIGNED, **_VELOCITY),
        Register("position_trajectory", 140, 4, "r", **_SIGNED, **_POSITION),
        Register("present_voltage", 144, 2, "r", high=400, default=120, **_VOLTAGE),
        Register("present_temperature", 146, 1, "r", high=150, default=25, **_CELSIUS),
        Register("backup_ready", 147, 1, "r", high=1),
    )


def _indirect() -> tuple[Register, ...]:
    numbers = range(INDIRECT_COUNT)
    addresses = tuple(Register(f"indirect_address_{n + 1}", 168 + 2 * n, 2, default=224 + n) for n in numbers)
    return addresses + tuple(Register(f"indirect_data_{n + 1}", 224 + n, 1) for n in numbers)


_READABLE = (
    (0, 14),
    (20, 28),
    (31, 40),
    (44, 56),
    (60, 61),
    (62, 66),
    (68, 71),
    (76, 86),
    (88, 92),
    (98, 99),
    (100, 148),
    (168, 252),
)
X_SERIES = Table(_eeprom() + _control() + _feedback() + _indirect(), readable=_READABLE)


@dataclass(frozen=True)
class XModel:
    """Differences of one model: current sensing, factory values, lowest firmware with fast sync read."""

    number: int
    name: str
    current_scale_a: float | None  # A per count; None: no current sensor, `present_load` instead
    defaults: dict[str, int]
    fast_read_firmware: int | None  # None: no minimum is published


_VOLTS_330 = {"max_voltage": 70, "min_voltage": 35, "max_temperature": 70, "shutdown_mask": 53, "present_voltage": 50}
_XL330 = {"velocity_limit": 445, "velocity_i": 1600, "velocity_p": 180, "position_p": 400, "current_limit": 1750}
_XL430 = {"velocity_i": 1000, "position_d": 4000, "position_p": 640, "velocity_limit": 265, "min_voltage": 60}
_XL430 |= {"max_voltage": 140, "max_temperature": 72}
_XM430 = {"current_limit": 1193, "velocity_limit": 350}
_SERIES = (
    XModel(1190, "XL330-M077", 0.001, _XL330 | _VOLTS_330, 46),
    XModel(1200, "XL330-M288", 0.001, _XL330 | _VOLTS_330, 46),
    XModel(1210, "XC330-T181", 0.001, _XL330 | {"max_voltage": 140, "min_voltage": 55}, 46),
    XModel(1220, "XC330-T288", 0.001, _XL330 | {"max_voltage": 140, "min_voltage": 55}, 46),
    XModel(1060, "XL430-W250", None, _XL430, None),
    XModel(1070, "XC430-W150", None, _XL430, None),
    XModel(1020, "XM430-W350", 0.00269, _XM430, None),
    XModel(1030, "XM430-W210", 0.00269, _XM430, None),
    XModel(1120, "XM540-W270", 0.00269, _XM430 | {"current_limit": 2047}, None),
    XModel(1110, "XH540-W150", 0.00269, _XM430 | {"current_limit": 2047}, None),
)
MODELS = {model.number: model for model in _SERIES}
_CURRENTS = ("current_limit", "goal_current", "present_current")


def model_name(number: int) -> str:
    """Return the product name of model `number`."""
    return MODELS[number].name if number in MODELS else f"unknown model {number}"


@cache
def table_of(number: int) -> Table:
    """Return the registers of model `number` with its units and factory values; X_SERIES for an unknown model."""
    if number not in MODELS:
        return X_SERIES
    model = MODELS[number]
    absent = ("present_load",) if model.current_scale_a else _CURRENTS
    registers = tuple(_adapted(model, register) for register in X_SERIES.registers if register.name not in absent)
    return Table(registers, X_SERIES.readable)


def _adapted(model: XModel, register: Register) -> Register:
    default = {"model_number": model.number, **model.defaults}.get(register.name, register.default)
    if register.name in _CURRENTS and model.current_scale_a:
        return replace(register, default=default, scale=model.current_scale_a)
    return replace(register, default=default)


def status_words(status: int) -> tuple[str, ...]:
    """Return the names of the alarms in the hardware error status (register `status`)."""

    return tuple(STATUS_WORDS.get(bit, f"status bit {bit}") for bit in range(8) if status >> bit & 1)
