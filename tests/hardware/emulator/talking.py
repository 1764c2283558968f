"""Talking to an emulated bus in simulated time, with bytes written here: nothing of our drivers is in the way."""

from collections.abc import Sequence

from hardware.dynamixel.crc import crc16
from hardware.emulator.emulator import Emulator, EmulatorConfig
from hardware.emulator.faults import Fault, FaultSchedule
from hardware.emulator.lockstep import Lockstep, LockstepPort
from hardware.emulator.physics import IdealJoints, Physics
from hardware.emulator.wire import WireConfig

EXACT = WireConfig(latency_s=0.0, jitter_s=0.0)


class Joints(IdealJoints):
    """Ideal joints that a hand can turn."""

    def place(self, joint: int, angle_rad: float) -> None:
        self._q[joint], self._dq[joint] = angle_rad, 0.0


def bus(
    protocol: str = "feetech",
    faults: Sequence[Fault] = (),
    seed: int = 0,
    models: tuple[str, ...] = (),
    physics: Physics | None = None,
    wire: WireConfig = EXACT,
) -> Lockstep:
    """An emulated bus with ideal joints, unless told otherwise."""
    config = EmulatorConfig(protocol, models, wire=wire)
    return Lockstep(Emulator(config, physics or IdealJoints(), FaultSchedule(tuple(faults)), seed))


class Host:
    """Sends packets and waits for what comes back."""

    def __init__(self, lockstep: Lockstep, baud: int = 1_000_000) -> None:
        self.lockstep = lockstep
        self.port: LockstepPort = lockstep.open_port(baud)

    def wait(self, seconds: float) -> None:
        self.lockstep.wait_until(self.lockstep.now_s() + seconds)

    def ask(self, packet: bytes, wait_s: float = 0.05) -> bytes:
        """Send; everything that comes within `wait_s`."""
        self.port.write(packet)
        deadline_s, heard = self.port.now_s() + wait_s, b""
        while self.port.now_s() < deadline_s:
            heard += self.port.read_until(deadline_s)
        return heard


class Sts(Host):
    """Speaks Feetech's protocol."""

    def instruct(self, servo: int, instruction: int, params: bytes = b"", wait_s: float = 0.05) -> bytes:
        body = bytes([servo, len(params) + 2, instruction]) + params
        return self.ask(b"\xff\xff" + body + bytes([~sum(body) & 0xFF]), wait_s)

    def read(self, servo: int, address: int, length: int) -> tuple[int, bytes]:
        """Error byte and data."""
        reply = self.instruct(servo, 2, bytes([address, length]))
        assert reply[:4] == bytes([0xFF, 0xFF, servo, length + 2]), reply.hex()
        return reply[4], reply[5:-1]

    def word(self, servo: int, address: int) -> int:
        return int.from_bytes(self.read(servo, address, 2)[1], "little")

    def byte(self, servo: int, address: int) -> int:
        return self.read(servo, address, 1)[1][0]

    def write(self, servo: int, address: int, *values: int, size: int = 1) -> bytes:
        return self.instruct(servo, 3, bytes([address]) + b"".join(v.to_bytes(size, "little") for v in values))

    def goal(self, servo: int, steps: int) -> None:
        self.write(servo, 42, steps, size=2)


class Dxl(Host):
    """Speaks Protocol 2.0."""

    def instruct(self, servo: int, instruction: int, params: bytes = b"", wait_s: float = 0.05) -> bytes:
        body = (bytes([instruction]) + params).replace(b"\xff\xff\xfd", b"\xff\xff\xfd\xfd")
        packet = b"\xff\xff\xfd\x00" + bytes([servo]) + (len(body) + 2).to_bytes(2, "little") + body
        return self.ask(packet + crc16(packet).to_bytes(2, "little"), wait_s)

    def read(self, servo: int, address: int, length: int) -> tuple[int, int]:
        """Error byte and value, signed."""
        reply = self.instruct(servo, 2, _words(address, length))
        return reply[8], int.from_bytes(
            reply[9:-2].replace(b"\xff\xff\xfd\xfd", b"\xff\xff\xfd"), "little", signed=True
        )

    def write(self, servo: int, address: int, value: int, size: int = 1) -> int:
        """The error byte."""
        data = (value & (256**size - 1)).to_bytes(size, "little")
        reply = self.instruct(servo, 3, address.to_bytes(2, "little") + data)
        return reply[8] if reply else -1


def _words(*values: int) -> bytes:
    return b"".join(value.to_bytes(2, "little") for value in values)
