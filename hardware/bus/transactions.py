"""Reads and writes of bytes at addresses: which packet, how many attempts, and what the reply's error byte means.

Sits between `hardware.bus.transport`, which knows frames, and `hardware.bus.register_bus`, which knows registers.
"""

from collections.abc import Collection, Mapping

from hardware.bus.errors import NoReplyError, RegisterError, ServoRefusedError
from hardware.bus.frames import Frame
from hardware.bus.port import Port
from hardware.bus.protocol import ServoProtocol
from hardware.bus.registers import Model
from hardware.bus.transport import Timing, Transport

ATTEMPTS = 2
PADDINGS = 16  # reply lengths to choose from while replies are outstanding
FAST_LOSSES = 3  # incomplete fast sync reads in a row, after which plain sync reads are used
FAST_OVERHEAD = 4  # error, id and CRC of each servo's part of a fast reply
UNNAMED_ALARM = ("alert",)  # the register `status` holds the details


class Transactions:
    """Requests to servos of one protocol on one port."""

    def __init__(self, port: Port, protocol: ServoProtocol, timing: Timing) -> None:
        """Sends nothing."""
        self.transport = Transport(port, protocol.refusal, timing)
        self.counters = self.transport.counters
        self.alarms: dict[int, tuple[str, ...]] = {}
        self.models: dict[int, Model] = {}
        self._protocol = protocol
        self._fast_losses = 0

    def describe(self, servo: int) -> str:
        """Return the name of a servo for error messages."""
        return f"{self._protocol.name} servo {servo} on {self.transport.port.name}"

    def answers_ping(self, servo: int) -> bool:
        """Return whether `servo` answers a ping, or a read if only the ping's own bytes came back.

        Such bytes are an adapter's echo, or the complete answer of an STS servo with a voltage alarm.
        """
        packet, length = self._protocol.ping(servo)
        if servo in self._request(packet, {servo: length}):
            return True
        return self.transport.received == packet and self._answers_read(servo)

    def identify(self, servo: int) -> Model:
        """Read the model into `models` and return it. Unlike a ping, a read works in every state of the servo."""
        self.models[servo] = self._protocol.model(self.read(servo, *self._protocol.identity_range(), "identity"))
        return self.models[servo]

    def instruct(self, servo: int, packet: bytes, length: int, what: str) -> Frame:
        """Send `packet` to one servo, a second time if the reply is lost.

        Args:
            servo: id.
            packet: the request.
            length: bytes of data in the reply.
            what: name of the request, for error messages.

        Raises:
            NoReplyError: when both replies are lost.
            ServoRefusedError: when the servo reports an error.
        """
        for attempt in range(ATTEMPTS):
            self.counters.retries += attempt
            answers = self._request(packet, {servo: length})
            if servo in answers:
                return self._accept(answers[servo], packet, what)
        raise self._no_reply(servo, packet, what)

    def read(self, servo: int, address: int, length: int, what: str) -> bytes:
        """Return `length` bytes from `address`. Raises NoReplyError, ServoRefusedError."""
        packet = b""
        for attempt in range(ATTEMPTS):
            self.counters.retries += attempt
            start, size, ambiguous = self._unambiguous_range(address, length, (servo,))
            packet = self._protocol.read(servo, start, size)
            answers = self._request(packet, {servo: size})
            if servo in self._without(answers, ambiguous):
                data = self._accept(answers[servo], packet, f"read of {what}").data
                return data[address - start : address - start + length]
        raise self._no_reply(servo, packet, f"read of {what} ({length} bytes at {address})")

    def write(self, servo: int, address: int, data: bytes, what: str) -> bool:
        """Write and wait for the acknowledgement.

        Returns:
            Whether the acknowledgement may belong to an earlier write, so that the value should be read back.
        """
        ambiguous = self.transport.outstanding().contains(servo, 0)
        self.instruct(servo, self._protocol.write(servo, address, data), 0, what)
        return ambiguous

    def sync_read(self, address: int, length: int, servos: Collection[int]) -> dict[int, bytes]:
        """Return `length` bytes from `address` of each servo that answers."""
        self._check_size(len(servos))
        start, size, ambiguous = self._unambiguous_range(address, length, servos)
        ids = tuple(servos)
        frames = self._fast_read(start, size, ids) if self._can_read_fast(ids) else self._plain_read(start, size, ids)
        skip, frames = address - start, self._without(frames, ambiguous)
        return {servo: frame.data[skip : skip + length] for servo, frame in frames.items() if self._is_value(frame)}

    def sync_write(self, address: int, data: Mapping[int, bytes]) -> None:
        """Write each servo's bytes to `address`; not acknowledged."""
        self._check_size(sum(1 + len(part) for part in data.values()))
        self.transport.send(self._protocol.sync_write(address, data))

    def _request(self, packet: bytes, expected: Mapping[int, int]) -> dict[int, Frame]:
        return self.transport.request(packet, expected, self._protocol.scan, self._protocol.status_bytes)

    def _no_reply(self, servo: int, packet: bytes, what: str) -> NoReplyError:
        received = self.transport.received.hex(" ").upper() or "nothing"
        return NoReplyError(
            f"{self.describe(servo)} did not answer the {what}; sent {packet.hex(' ').upper()}, received {received}. "
            "Check power, cable, id and baud rate: `robot-wm arm find` scans every baud rate"
        )

    def _answers_read(self, servo: int) -> bool:
        try:
            self.read(servo, *self._protocol.identity_range(), "identity")
        except NoReplyError:
            return False
        return True

    def _plain_read(self, address: int, length: int, servos: tuple[int, ...]) -> dict[int, Frame]:
        return self._request(self._protocol.sync_read(address, length, servos), dict.fromkeys(servos, length))

    def _fast_read(self, address: int, length: int, servos: tuple[int, ...]) -> dict[int, Frame]:
        packet = self._protocol.fast_sync_read(address, length, servos)
        count = len(servos)
        frames = self.transport.request(
            packet,
            dict.fromkeys(servos, length),
            lambda buffer, _, final: self._protocol.scan_fast(buffer, count, length, final),
            FAST_OVERHEAD,
        )
        self._fast_losses = 0 if len(frames) == count else self._fast_losses + 1
        return frames

    def _can_read_fast(self, servos: tuple[int, ...]) -> bool:
        """Return whether every servo knows the instruction and answers: one that does not breaks the shared reply."""
        able = (servo in self.models and self._protocol.supports_fast_read(self.models[servo]) for servo in servos)
        if self._fast_losses >= FAST_LOSSES or len(servos) < 2 or not all(able):
            return False
        return not any(self.transport.is_silent(servo) for servo in servos)

    def _unambiguous_range(self, address: int, length: int, servos: Collection[int]) -> tuple[int, int, frozenset[int]]:
        """Return the address and length to read so that the replies differ in length from outstanding ones.

        The third value holds the servos for which no such length exists; their replies must be rejected.
        """
        outstanding = self.transport.outstanding()
        if not outstanding:
            return address, length, frozenset()
        ranges = [at for extra in range(PADDINGS) if (at := self._padded(address, length, extra)) is not None]
        choices = [(*at, outstanding.ambiguous(servos, at[1])) for at in ranges]
        return min(choices, key=lambda choice: len(choice[2]))

    def _without(self, frames: dict[int, Frame], ambiguous: frozenset[int]) -> dict[int, Frame]:
        if not ambiguous:
            return frames
        self.counters.doubted += sum(servo in ambiguous for servo in frames)
        return {servo: frame for servo, frame in frames.items() if servo not in ambiguous}

    def _padded(self, address: int, length: int, extra: int) -> tuple[int, int] | None:
        for start in (address, address - extra):
            if self._protocol.table.may_read(start, length + extra):
                return start, length + extra
        return (address, length) if extra == 0 else None

    def _accept(self, frame: Frame, packet: bytes, what: str) -> Frame:
        """Record alarms; raise ServoRefusedError when the servo reports an error."""
        self._record_alarms(frame)
        if reason := self._protocol.refusal(frame.error):
            self.counters.refused += 1
            sent, received = packet.hex(" ").upper(), frame.raw.hex(" ").upper()
            raise ServoRefusedError(
                f"{self.describe(frame.servo)} refuses the {what}: {reason}; sent {sent}, received {received}. "
                "Is the register writable now, and is the value in range?"
            )
        return frame

    def _is_value(self, frame: Frame) -> bool:
        self._record_alarms(frame)
        refused = bool(self._protocol.refusal(frame.error))
        self.counters.refused += refused
        return not refused

    def _record_alarms(self, frame: Frame) -> None:
        alarms = self._protocol.alarms(frame.error)
        self.counters.alarms += bool(alarms)
        if alarms != UNNAMED_ALARM or not self.alarms.get(frame.servo):  # keep the details already read
            self.alarms[frame.servo] = alarms

    def _check_size(self, size: int) -> None:
        limit = self._protocol.max_data
        if size > limit:
            raise RegisterError(f"{size} bytes in one packet; at most {limit}. Address fewer servos at once")
