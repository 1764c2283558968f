"""Laws of a control table: what is written is read, and only what was stored outlives the power."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.bus.registers import Table
from hardware.dynamixel.tables import table_of
from hardware.emulator.memory import Memory
from hardware.feetech.tables import STS

TABLES = {"feetech": STS, "dynamixel": table_of(1020)}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
@given(data=st.data())
def test_a_value_comes_back_and_touches_no_neighbour(table: Table, data: st.DataObject) -> None:
    memory = Memory(table, {})
    register = data.draw(st.sampled_from(sorted(table.values(), key=lambda each: each.name)))
    low, high = register.span
    before = memory.ram()
    value = data.draw(st.integers(low, high))
    memory.set(register.name, value)
    assert memory.get(register.name) == value
    after = memory.ram()
    assert after[: register.address] == before[: register.address]
    assert after[register.end :] == before[register.end :]


def test_only_what_was_stored_outlives_the_power() -> None:
    memory = Memory(STS, {"max_temperature": 65})
    memory.write_byte(13, 50, keep=False)
    memory.write_byte(14, 90, keep=True)
    assert (memory.get("max_temperature"), memory.get("max_voltage")) == (50, 90)
    memory.power_up()
    assert (memory.get("max_temperature"), memory.get("max_voltage")) == (65, 90)
    memory.restore_factory()
    memory.power_up()
    assert memory.get("max_voltage") == 80


def test_beyond_the_table_there_are_zeros() -> None:
    assert Memory(STS, {}).read(200, 3) == b"\0\0\0"
