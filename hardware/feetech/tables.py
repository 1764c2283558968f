"""Control table of Feetech STS and SMS servos (STS3215 and related) as data; little-endian, sign and magnitude.

Source: memory table V3.6 of the STS3215, and SMS_STS.h of the vendor's SDK. Registers 80..86 are factory settings and
only partly documented. The SCS series (potentiometer, big-endian) has another table and is not supported.
"""

from math import pi
from typing import Any

from hardware.bus import Register, Sign, Table

Fields = dict[str, Any]  # keyword arguments of Register
TICKS_PER_TURN = 4096
RAD_PER_TICK = 2 * pi / TICKS_PER_TURN
AMPERE_PER_COUNT = 0.0065
BAUD_BY_CODE = (1_000_000, 500_000, 250_000, 128_000, 115_200, 76_800, 57_600, 38_400)
FACTORY_BAUD = 1_000_000
MODELS = {777: "STS3215", 2825: "STS3250", 11272: "SM8512BL", 1284: "SCS0009"}

STATUS_WORDS = {
    0: "voltage out of range",
    1: "magnetic encoder",
    2: "overheating",
    3: "overcurrent",
    5: "overload",
}
CENTRE_HERE = 128  # written to torque_enable: makes the present position 2048 permanently; for calibration only

_POSITION: Fields = {"unit": "rad", "scale": RAD_PER_TICK}
_VELOCITY: Fields = {"unit": "rad/s", "scale": RAD_PER_TICK}
_SIGNED: dict[int, Fields] = {bit: {"sign": Sign.SIGN_MAGNITUDE, "sign_bit": bit} for bit in (10, 11, 15)}
_SHARE: Fields = {"unit": "1", "scale": 0.001}
_PERCENT: Fields = {"unit": "1", "scale": 0.01}
_VOLTAGE: Fields = {"unit": "V", "scale": 0.1}
_CELSIUS: Fields = {"unit": "degC"}
_CURRENT: Fields = {"unit": "A", "scale": AMPERE_PER_COUNT}
_DELAY: Fields = {"unit": "s", "scale": 0.01}


def _eeprom() -> tuple[Register, ...]:
    return (
        Register("firmware_major", 0, 1, "r", eeprom=True, default=3),
        Register("firmware_minor", 1, 1, "r", eeprom=True, default=10),
        Register("byte_order", 2, 1, "r", eeprom=True),
        Register("model_number", 3, 2, "r", eeprom=True, default=777),
        Register("id", 5, 1, eeprom=True, low=0, high=253, default=1),
        Register("baud_code", 6, 1, eeprom=True, high=7),
        Register("return_delay", 7, 1, unit="s", scale=2e-6, eeprom=True, high=254),
        Register("response_level", 8, 1, eeprom=True, high=1, default=1),
        Register("min_position", 9, 2, eeprom=True, **_SIGNED[15], **_POSITION),
        Register("max_position", 11, 2, eeprom=True, default=4095, **_SIGNED[15], **_POSITION),
        Register("max_temperature", 13, 1, eeprom=True, high=100, default=70, **_CELSIUS),
        Register("max_voltage", 14, 1, eeprom=True, high=254, default=80, **_VOLTAGE),
        Register("min_voltage", 15, 1, eeprom=True, high=254, default=40, **_VOLTAGE),
        Register("max_torque", 16, 2, eeprom=True, high=1000, default=1000, **_SHARE),
        Register("phase", 18, 1, eeprom=True, default=12),
        Register("unloading_mask", 19, 1, eeprom=True, default=44),
        Register("led_mask", 20, 1, eeprom=True, default=47),
        Register("position_p", 21, 1, eeprom=True, high=254, default=32),
        Register("position_d", 22, 1, eeprom=True, high=254, default=32),
        Register("position_i", 23, 1, eeprom=True, high=254),
        Register("start_force", 24, 2, eeprom=True, high=1000, default=16, **_SHARE),
        Register("dead_band_cw", 26, 1, eeprom=True, high=32, default=1, **_POSITION),
        Register("dead_band_ccw", 27, 1, eeprom=True, high=32, default=1, **_POSITION),
        Register("protection_current", 28, 2, eeprom=True, high=511, default=500, **_CURRENT),
        Register("angle_resolution", 30, 1, eeprom=True, low=1, high=100, default=1),
        Register("homing_offset", 31, 2, eeprom=True, **_SIGNED[11], **_POSITION),
        Register("operating_mode", 33, 1, eeprom=True, high=3),
        Register("protective_torque", 34, 1, eeprom=True, high=100, default=20, **_PERCENT),
        Register("protection_time", 35, 1, eeprom=True, high=254, default=200, **_DELAY),
        Register("overload_torque", 36, 1, eeprom=True, high=100, default=80, **_PERCENT),
        Register("velocity_p", 37, 1, eeprom=True, high=254, default=10),
        Register("overcurrent_time", 38, 1, eeprom=True, high=254, default=200, **_DELAY),
        Register("velocity_i", 39, 1, eeprom=True, high=254, default=10),
    )


def _control() -> tuple[Register, ...]:
    return (
        Register("torque_enable", 40, 1, high=CENTRE_HERE),
        Register("acceleration", 41, 1, unit="rad/s^2", scale=100 * RAD_PER_TICK, high=254),
        Register("goal_position", 42, 2, **_SIGNED[15], **_POSITION),
        Register("goal_pwm", 44, 2, **_SIGNED[11], **_SHARE),
        Register("goal_velocity", 46, 2, **_SIGNED[15], **_VELOCITY),
        Register("torque_limit", 48, 2, high=1000, default=1000, **_SHARE),
        Register("lock", 55, 1, high=1, default=1),
    )


def _feedback() -> tuple[Register, ...]:
    return (
        Register("present_position", 56, 2, "r", **_SIGNED[15], **_POSITION),
        Register("present_velocity", 58, 2, "r", **_SIGNED[15], **_VELOCITY),
        Register("present_load", 60, 2, "r", **_SIGNED[10], **_SHARE),
        Register("present_voltage", 62, 1, "r", default=74, **_VOLTAGE),
        Register("present_temperature", 63, 1, "r", high=150, default=25, **_CELSIUS),
        Register("async_flag", 64, 1, "r"),
        Register("status", 65, 1, "r"),
        Register("moving", 66, 1, "r"),
        Register("present_current", 69, 2, "r", **_SIGNED[15], **_CURRENT),
        Register("goal_mirror", 71, 2, "r", **_SIGNED[15], **_POSITION),
    )


def _factory() -> tuple[Register, ...]:
    names = (
        "moving_threshold",
        "dts",
        "velocity_unit",
        "hts",
        "max_velocity",
        "max_acceleration",
        "acceleration_factor",
    )
    return tuple(Register(name, 80 + index, 1, "r") for index, name in enumerate(names))


STS = Table(_eeprom() + _control() + _feedback() + _factory(), readable=((0, 50), (55, 73), (80, 87)))


def status_words(error_byte: int) -> tuple[str, ...]:
    """Return the names of the alarms in a status byte (register `status`, and byte 5 of every reply)."""
    return tuple(STATUS_WORDS.get(bit, f"status bit {bit}") for bit in range(8) if error_byte >> bit & 1)


def model_name(number: int) -> str:
    """Return the product name of model `number`."""

    return MODELS.get(number, f"unknown model {number}")
