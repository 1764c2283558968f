"""Bytes at addresses, read from and written to servos: which packet, how often, and what the reply's error byte means.

Between `hardware.bus.transport`, which knows frames, and `hardware.bus.register_bus`, which knows registers by name.
"""

from collections.abc import Collection, Mapping

from hardware.bus.errors import NoReplyError, RegisterError, ServoRefusedError
from hardware.bus.frames import Frame
from hardware.bus.port import Port
from hardware.bus.protocol import Dialect
from hardware.bus.registers import Model
from hardware.bus.transport import Line, Timing

ATTEMPTS = 2
PADDINGS = 16  # reply lengths to choose from while a servo owes some
FAST_LOSSES = 3  # incomplete fast sync reads on end, then they are given up
FAST_OVERHEAD = 4  # error, id and CRC of a part of the one reply
UNNAMED_ALARM = ("alert",)  # there is one; the register `status` says which


class Transactions:
    """What can be asked of servos of one protocol on one port."""

    def __init__(self, port: Port, dialect: Dialect, timing: Timing) -> None:
        """Sends nothing yet."""
        self.line = Line(port, dialect.refusal, timing)
        self.counters = self.line.counters
        self.alarms: dict[int, tuple[str, ...]] = {}
        self.models: dict[int, Model] = {}
        self._dialect = dialect
        self._fast_losses = 0

    def who(self, servo: int) -> str:
        """The servo, in an error's words."""
        return f"{self._dialect.name} servo {servo} on {self.line.port.name}"

    def answers_ping(self, servo: int) -> bool:
        """Whether somebody answers one ping; or a read, where nothing but the ping's own bytes came back.

        These are an adapter's echo, or the whole answer of an STS servo with a voltage alarm.
        """
        packet, length = self._dialect.ping(servo)
        if servo in self.line.ask(packet, {servo: length}, self._dialect.scan, self._dialect.status_bytes):
            return True
        return self.line.heard == packet and self._answers_read(servo)

    def identify(self, servo: int) -> Model:
        """Who it is, by a read, which unlike a ping says so whatever the servo's state; kept in `models`."""
        self.models[servo] = self._dialect.model(self.read(servo, *self._dialect.identity(), "identity"))
        return self.models[servo]

    def instruct(self, servo: int, packet: bytes, length: int, what: str) -> Frame:
        """One servo's answer to `packet`, which is sent a second time when it is lost."""
        for attempt in range(ATTEMPTS):
            self.counters.retries += attempt
            answers = self.line.ask(packet, {servo: length}, self._dialect.scan, self._dialect.status_bytes)
            if servo in answers:
                return self._accept(answers[servo], packet, what)
        raise self.no_reply(servo, packet, what)

    def read(self, servo: int, address: int, length: int, what: str) -> bytes:
        """`length` bytes from `address`."""
        packet = b""
        for attempt in range(ATTEMPTS):
            self.counters.retries += attempt
            start, size, doubtful = self._untainted(address, length, (servo,))
            packet = self._dialect.read(servo, start, size)
            answers = self.line.ask(packet, {servo: size}, self._dialect.scan, self._dialect.status_bytes)
            if servo in self._believed(answers, doubtful):
                data = self._accept(answers[servo], packet, f"read of {what}").data
                return data[address - start : address - start + length]
        raise self.no_reply(servo, packet, f"read of {what} ({length} bytes at {address})")

    def write(self, servo: int, address: int, data: bytes, what: str) -> bool:
        """Write and wait for the acknowledgement; whether that can be an older one, so that reading back is due."""
        doubtful = self.line.owing().owed(servo, 0)
        self.instruct(servo, self._dialect.write(servo, address, data), 0, what)
        return doubtful

    def sync_read(self, address: int, length: int, servos: Collection[int]) -> dict[int, bytes]:
        """`length` bytes from `address` of those that answer."""
        self._check_size(len(servos))
        start, size, doubtful = self._untainted(address, length, servos)
        ids = tuple(servos)
        frames = self._ask_fast(start, size, ids) if self._reads_fast(ids) else self._ask_plain(start, size, ids)
        skip, frames = address - start, self._believed(frames, doubtful)
        return {servo: frame.data[skip : skip + length] for servo, frame in frames.items() if self._is_value(frame)}

    def sync_write(self, address: int, data: Mapping[int, bytes]) -> None:
        """Each servo's bytes to `address`; not acknowledged."""
        self._check_size(sum(1 + len(part) for part in data.values()))
        self.line.tell(self._dialect.sync_write(address, data))

    def no_reply(self, servo: int, packet: bytes, what: str) -> NoReplyError:
        """The error of a servo that did not answer."""
        heard = self.line.heard.hex(" ").upper() or "nothing"
        return NoReplyError(
            f"{self.who(servo)} did not answer the {what}; sent {packet.hex(' ').upper()}, received {heard}. "
            "Check power, cable, id and baud: `robot-wm arm find` asks at every baud"
        )

    def _answers_read(self, servo: int) -> bool:
        try:
            self.read(servo, *self._dialect.identity(), "identity")
        except NoReplyError:
            return False
        return True

    def _ask_plain(self, address: int, length: int, servos: tuple[int, ...]) -> dict[int, Frame]:
        packet = self._dialect.sync_read(address, length, servos)
        return self.line.ask(packet, dict.fromkeys(servos, length), self._dialect.scan, self._dialect.status_bytes)

    def _ask_fast(self, address: int, length: int, servos: tuple[int, ...]) -> dict[int, Frame]:
        packet = self._dialect.fast_sync_read(address, length, servos)
        count = len(servos)
        frames = self.line.ask(
            packet,
            dict.fromkeys(servos, length),
            lambda buffer, _, final: self._dialect.scan_fast(buffer, count, length, final),
            FAST_OVERHEAD,
        )
        self._fast_losses = 0 if len(frames) == count else self._fast_losses + 1
        return frames

    def _reads_fast(self, servos: tuple[int, ...]) -> bool:
        """One that does not know the instruction, or is silent, would spoil the one reply of all."""
        able = (servo in self.models and self._dialect.reads_fast(self.models[servo]) for servo in servos)
        if self._fast_losses >= FAST_LOSSES or len(servos) < 2 or not all(able):
            return False
        return not any(self.line.silent(servo) for servo in servos)

    def _untainted(self, address: int, length: int, servos: Collection[int]) -> tuple[int, int, frozenset[int]]:
        """Where to read and how much, so that older replies that may still come have another length.

        And whose do not, when that cannot be had for all: these are asked, but not believed.
        """
        debts = self.line.owing()
        if not debts:
            return address, length, frozenset()
        ranges = [at for extra in range(PADDINGS) if (at := self._padded(address, length, extra)) is not None]
        choices = [(*at, debts.doubtful(servos, at[1])) for at in ranges]
        return min(choices, key=lambda choice: len(choice[2]))

    def _believed(self, frames: dict[int, Frame], doubtful: frozenset[int]) -> dict[int, Frame]:
        if not doubtful:
            return frames
        self.counters.doubted += sum(servo in doubtful for servo in frames)
        return {servo: frame for servo, frame in frames.items() if servo not in doubtful}

    def _padded(self, address: int, length: int, extra: int) -> tuple[int, int] | None:
        for start in (address, address - extra):
            if self._dialect.table.may_read(start, length + extra):
                return start, length + extra
        return (address, length) if extra == 0 else None

    def _accept(self, frame: Frame, packet: bytes, what: str) -> Frame:
        """Note alarms; raise when the servo says no."""
        self._note_alarms(frame)
        if why := self._dialect.refusal(frame.error):
            self.counters.refused += 1
            sent, received = packet.hex(" ").upper(), frame.raw.hex(" ").upper()
            raise ServoRefusedError(
                f"{self.who(frame.servo)} refuses the {what}: {why}; sent {sent}, received {received}. "
                "Is the register writable now, and the value in range?"
            )
        return frame

    def _is_value(self, frame: Frame) -> bool:
        self._note_alarms(frame)
        refused = bool(self._dialect.refusal(frame.error))
        self.counters.refused += refused
        return not refused

    def _note_alarms(self, frame: Frame) -> None:
        words = self._dialect.alarms(frame.error)
        self.counters.alarms += bool(words)
        if words != UNNAMED_ALARM or not self.alarms.get(frame.servo):  # what is known better is kept
            self.alarms[frame.servo] = words

    def _check_size(self, size: int) -> None:
        most = self._dialect.most_data
        if size > most:
            raise RegisterError(f"{size} bytes in one packet; at most {most}. Ask fewer servos at once")
