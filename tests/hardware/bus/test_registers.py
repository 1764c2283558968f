"""Tables as data: signs, units, and that no table contradicts itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.bus.registers import Register, Sign, Table
from hardware.dynamixel import tables as dynamixel
from hardware.feetech import tables as feetech
from robot_wm.errors import UnknownNameError

TABLES = [feetech.STS, dynamixel.X_SERIES, *map(dynamixel.table_of, dynamixel.MODELS)]
REGISTERS = [register for table in (feetech.STS, dynamixel.X_SERIES) for register in table.registers]


@given(st.sampled_from(REGISTERS), st.data())
def test_a_value_survives_the_bytes(register: Register, data: st.DataObject) -> None:
    low, high = register.span
    value = data.draw(st.integers(low, high))
    assert len(register.encode(value)) == register.size
    assert register.decode(register.encode(value)) == value


@pytest.mark.parametrize("table", TABLES)
def test_registers_lie_apart_and_can_be_read(table: Table) -> None:
    owner: dict[int, str] = {}
    for register in table.registers:
        assert table.may_read(register.address, register.size), register.name
        assert register.allows(register.default), register.name
        if register.name == "present_load" and table is dynamixel.X_SERIES:
            continue  # the same word as present_current, under the name it has without a current sensor
        for address in range(register.address, register.end):
            assert owner.setdefault(address, register.name) == register.name


def test_signs_are_those_of_the_families() -> None:
    load = feetech.STS["present_load"]
    assert load.sign is Sign.SIGN_MAGNITUDE
    assert load.decode((1024 + 24).to_bytes(2, "little")) == -24  # not 1048
    assert feetech.STS["homing_offset"].encode(-85) == (2048 + 85).to_bytes(2, "little")
    assert dynamixel.X_SERIES["present_current"].decode(b"\xff\xff") == -1
    assert dynamixel.X_SERIES["bus_watchdog"].decode(b"\xff") == dynamixel.WATCHDOG_TRIPPED


def test_the_offset_that_sign_and_magnitude_cannot_hold_is_not_allowed() -> None:
    assert feetech.STS["homing_offset"].span == (-2047, 2047)


def test_units() -> None:
    assert feetech.STS["present_position"].to_unit(2048) == pytest.approx(3.14159, abs=1e-5)
    assert feetech.STS["present_voltage"].to_unit(74) == pytest.approx(7.4)
    assert feetech.STS["present_current"].to_unit(100) == pytest.approx(0.65)
    assert feetech.STS["acceleration"].to_unit(1) == pytest.approx(0.1534, abs=1e-4)  # 8.79 degrees/s^2
    assert dynamixel.X_SERIES["present_velocity"].to_unit(1) == pytest.approx(0.02398, abs=1e-5)
    assert dynamixel.table_of(1020)["present_current"].to_unit(1000) == pytest.approx(2.69)
    assert dynamixel.X_SERIES["goal_position"].to_raw(3.14159265) == 2048


def test_one_read_returns_all_feedback_of_an_sts() -> None:
    names = [register.name for register in feetech.STS.between("present_position", "present_current")]
    assert names[:5] == [f"present_{each}" for each in ("position", "velocity", "load", "voltage", "temperature")]
    assert feetech.STS["present_current"].end - feetech.STS["present_position"].address == 15


def test_models_without_a_current_sensor_report_load() -> None:
    assert "present_current" not in dynamixel.table_of(1060)
    assert "goal_current" not in dynamixel.table_of(1070)
    assert "present_load" not in dynamixel.table_of(1200)
    assert dynamixel.table_of(4711) is dynamixel.X_SERIES


def test_status_bits_have_words() -> None:
    assert feetech.status_words(0x20) == ("overload",)
    assert feetech.status_words(0x05) == ("voltage out of range", "overheating")
    assert dynamixel.status_words(0b10_0001) == ("voltage out of range", "overload")
    assert dynamixel.status_words(0x80) == ("status bit 7",)
    assert feetech.status_words(0) == ()


def test_an_unknown_register_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'goal_position'"):
        feetech.STS["goal_positon"]
