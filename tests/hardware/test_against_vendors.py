"""Every request of ours is, byte for byte, what the vendor's own SDK sends for the same thing."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import dynamixel_sdk
import pytest
import scservo_sdk
from hypothesis import assume, given
from hypothesis import strategies as st

from hardware.bus.register_bus import RegisterBus
from hardware.bus.registers import Register, Table
from hardware.dynamixel import packets as dynamixel_packets
from hardware.dynamixel.driver import dynamixel_bus, reboot
from hardware.dynamixel.tables import X_SERIES
from hardware.feetech import packets as feetech_packets
from hardware.feetech.driver import feetech_bus
from hardware.feetech.tables import STS
from tests.hardware.scripted import ScriptedPort, Servos

IDS = (1, 2, 3, 7)


def deaf_port(sent: list[bytes]) -> SimpleNamespace:
    """What the SDKs ask of a port; keeps what is sent, hears nothing."""

    def write(packet: list[int]) -> int:
        sent.append(bytes(packet))
        return len(packet)

    def ignore(*_: object) -> None:
        return

    return SimpleNamespace(
        is_using=False,
        clearPort=ignore,
        writePort=write,
        readPort=lambda length: [],
        setPacketTimeout=ignore,
        setPacketTimeoutMillis=ignore,
        isPacketTimeout=lambda: True,
    )


def ours(protocol: str, call: Callable[[RegisterBus], object]) -> bytes:
    """The first packet that `call` makes our driver send."""
    servos = Servos(protocol, IDS)
    port = ScriptedPort(lambda request: [(0.0, reply) for reply in servos.answers(request)])
    call(feetech_bus(port) if protocol == "feetech" else dynamixel_bus(port))
    return port.sent[0]


def vendors(protocol: str, call: Callable[[Any, Any], object]) -> bytes:
    """The packet that `call` makes the vendor's SDK send."""
    sent: list[bytes] = []
    sdk = scservo_sdk.PacketHandler(0) if protocol == "feetech" else dynamixel_sdk.PacketHandler(2.0)
    call(sdk, deaf_port(sent))
    return sent[0]


FAMILIES = [("feetech", STS), ("dynamixel", X_SERIES)]
servo = st.sampled_from(IDS)
some = st.lists(servo, min_size=1, unique=True)


def registers(table: Table, writable: bool = False) -> st.SearchStrategy[Register]:
    """Any register; for writing, one without a trap."""
    fit = [each for each in table.registers if each.writable or not writable]
    return st.sampled_from([each for each in fit if not (writable and each.name == "torque_enable")])


@pytest.mark.parametrize("protocol", ["feetech", "dynamixel"])
@given(servo=servo)
def test_ping(protocol: str, servo: int) -> None:
    assert ours(protocol, lambda bus: bus.scan([servo])) == vendors(protocol, lambda sdk, port: sdk.ping(port, servo))


@pytest.mark.parametrize(("protocol", "table"), FAMILIES)
@given(data=st.data(), servo=servo)
def test_read(protocol: str, table: Table, data: st.DataObject, servo: int) -> None:
    register = data.draw(registers(table))
    sent = ours(protocol, lambda bus: bus.read(servo, register.name))
    assert sent == vendors(protocol, lambda sdk, port: sdk.readTx(port, servo, register.address, register.size))


@pytest.mark.parametrize(("protocol", "table"), FAMILIES)
@given(data=st.data(), servo=servo)
def test_write(protocol: str, table: Table, data: st.DataObject, servo: int) -> None:
    register = data.draw(registers(table, writable=True))
    value = data.draw(st.integers(*register.span))
    content = list(register.encode(value))
    assume(dynamixel_packets.MARK not in bytes(content))
    sent = ours(protocol, lambda bus: bus.write(servo, register.name, value))
    size = register.size
    assert sent == vendors(protocol, lambda sdk, port: sdk.writeTxRx(port, servo, register.address, size, content))


def group(protocol: str, kind: str, sdk: Any, port: Any, address: int, size: int) -> Any:
    """The vendor's object for many servos."""
    module = scservo_sdk if protocol == "feetech" else dynamixel_sdk
    return getattr(module, kind)(port, sdk, address, size)


@pytest.mark.parametrize(("protocol", "table"), FAMILIES)
@given(data=st.data(), ids=some)
def test_sync_read(protocol: str, table: Table, data: st.DataObject, ids: list[int]) -> None:
    register = data.draw(registers(table))

    def vendor(sdk: Any, port: Any) -> None:
        reading = group(protocol, "GroupSyncRead", sdk, port, register.address, register.size)
        assert all(reading.addParam(each) for each in ids)
        reading.txPacket()

    assert ours(protocol, lambda bus: bus.sync_read(register.name, ids)) == vendors(protocol, vendor)


@pytest.mark.parametrize(("protocol", "table"), FAMILIES)
@given(data=st.data(), ids=some)
def test_sync_write(protocol: str, table: Table, data: st.DataObject, ids: list[int]) -> None:
    register = data.draw(registers(table, writable=True))
    values = {each: data.draw(st.integers(*register.span)) for each in ids}

    assume(not any(dynamixel_packets.MARK in register.encode(value) for value in values.values()))

    def vendor(sdk: Any, port: Any) -> None:
        writing = group(protocol, "GroupSyncWrite", sdk, port, register.address, register.size)
        assert all(writing.addParam(each, list(register.encode(value))) for each, value in values.items())
        writing.txPacket()

    assert ours(protocol, lambda bus: bus.sync_write(register.name, values)) == vendors(protocol, vendor)


def test_sync_read_of_a_block() -> None:
    sent = ours("feetech", lambda bus: bus.sync_read_block("present_position", "present_current", IDS))
    assert sent == vendors("feetech", lambda sdk, port: sdk.syncReadTx(port, 56, 15, list(IDS), len(IDS)))


def test_fast_sync_read() -> None:
    def vendor(sdk: Any, port: Any) -> None:
        sdk.syncReadTx(port, 132, 4, list(IDS), len(IDS), True)

    assert dynamixel_packets.fast_sync_read(132, 4, IDS) == vendors("dynamixel", vendor)


def test_what_is_kept_and_then_done() -> None:
    data = [0, 8, 0, 0]
    sent = vendors("feetech", lambda sdk, port: sdk.regWriteTxOnly(port, 3, 42, 4, data))
    assert feetech_packets.reg_write(3, 42, bytes(data)) == sent
    assert feetech_packets.action() == vendors("feetech", lambda sdk, port: sdk.action(port, feetech_packets.BROADCAST))
    sent = vendors("dynamixel", lambda sdk, port: sdk.regWriteTxOnly(port, 3, 116, 4, data))
    assert dynamixel_packets.reg_write(3, 116, bytes(data)) == sent
    sent = vendors("dynamixel", lambda sdk, port: sdk.action(port, dynamixel_packets.BROADCAST))
    assert dynamixel_packets.action() == sent


def test_reboot() -> None:
    sent = ours("dynamixel", lambda bus: _quietly(lambda: reboot(bus, 2)))
    assert sent == vendors("dynamixel", lambda sdk, port: sdk.reboot(port, 2))


def _quietly(call: Callable[[], None]) -> None:
    """The scripted servos know no reboot; what was sent is all that is asked."""
    with pytest.raises(Exception, match="did not answer the reboot"):
        call()


@given(content=st.lists(st.sampled_from([0xFF, 0xFD, 0x00]), min_size=4, max_size=4))
def test_stuffing_is_where_we_part(content: list[int]) -> None:
    """dynamixel-sdk 4.1.0 works out the stuffed packet and then sends the other one; servos need the stuffed one."""
    sent = vendors("dynamixel", lambda sdk, port: sdk.writeTxOnly(port, 1, 116, 4, content))
    stuffed = dynamixel_packets.MARK in bytes(content)
    assert (dynamixel_packets.write(1, 116, bytes(content)) != sent) == stuffed
