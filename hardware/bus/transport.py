"""One request and its replies on a port: what is an answer, what is stale, what is missing. Counts all of it.

Rules: the input is cleared before every request; after a loss the line must fall silent first; a frame is an answer
only if its servo was asked, its length is the one asked for, and that servo owes no older reply of this length.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import TypeVar

from hardware.bus.counters import Counters
from hardware.bus.errors import BusLostError
from hardware.bus.frames import Found, Frame
from hardware.bus.port import Port
from hardware.bus.stale import Debts
from hardware.checks import require_positive

BITS_PER_BYTE = 10  # start, eight, stop
RETURN_DELAY_S = 0.0005  # the longest that a servo can be told to wait
LOSSES_TO_BE_SILENT = 3
T = TypeVar("T")
Scan = Callable[[bytes, int, bool], Found]


@dataclass(frozen=True)
class Timing:
    """How long to wait, over and above the wire, the servos' return delay and the adapter's latency; seconds."""

    reply_s: float = 0.020  # for the first byte: the other end may be a process on a busy machine
    gap_s: float = 0.010  # for the next byte, once some have come
    silent_s: float = 0.002  # for servos that have been silent `LOSSES_TO_BE_SILENT` times on end
    quiet_s: float = 0.002  # without a byte, and the line counts as silent
    settle_s: float = 0.010  # at most this long is waited for silence
    debt_s: float = 0.5  # no reply is later than this

    def __post_init__(self) -> None:
        require_positive("timing", self, *(each.name for each in fields(self)))


@dataclass
class _Exchange:
    """A request under way."""

    request: bytes
    wanted: Mapping[int, int]  # servo -> bytes of data
    scan: Scan
    overhead: int  # bytes of a reply besides its data
    buffer: bytes = b""
    heard: bytes = b""  # all that came, for the error's text
    answers: dict[int, Frame] = field(default_factory=dict)
    doubled: set[int] = field(default_factory=set)
    echo_open: bool = True

    @property
    def shortest(self) -> int:
        """Bytes of the shortest reply."""
        return self.overhead + min(self.wanted.values())

    @property
    def missing(self) -> list[int]:
        """Who has not answered yet."""
        return [servo for servo in self.wanted if servo not in self.answers and servo not in self.doubled]


class Line:
    """A port with servos that answer in frames."""

    def __init__(self, port: Port, refusal: Callable[[int], str], timing: Timing) -> None:
        """`refusal`: the words of an error byte, empty when it is none."""
        self.port = port
        self.counters = Counters()
        self.lost = False
        self.heard = b""  # by the last request
        self._refusal = refusal
        self._timing = timing
        self._debts = Debts(timing.debt_s)
        self._losses: dict[int, int] = {}
        self._unsettled = False

    def tell(self, request: bytes) -> None:
        """Send what nobody answers."""
        self._write(request)

    def ask(self, request: bytes, wanted: Mapping[int, int], scan: Scan, overhead: int) -> dict[int, Frame]:
        """Send `request` and collect the frames of those that answer.

        `wanted`: servo -> bytes of data; `overhead`: what a reply has besides.
        """
        exchange = _Exchange(request, wanted, scan, overhead)
        self.counters.expected += len(wanted)
        try:
            self._clear(scan)
            self._write(request)
            self._receive(exchange)
        finally:
            self._close(exchange)
        return exchange.answers

    def silent(self, servo: int) -> bool:
        """Whether `servo` has not answered for some time."""
        return self._losses.get(servo, 0) >= LOSSES_TO_BE_SILENT

    def owing(self) -> Debts:
        """The replies that may still come, the too old ones dropped."""
        if self._debts:
            self._debts.forget_old(self.port.now_s())
        return self._debts

    def _write(self, request: bytes) -> None:
        self._guarded(lambda: self.port.write(request))
        self.counters.requests += 1
        self.counters.bytes_sent += len(request)

    def _read(self, deadline_s: float) -> bytes:
        data = self._guarded(lambda: self.port.read_until(deadline_s))
        self.counters.bytes_received += len(data)
        return data

    def _guarded(self, call: Callable[[], T]) -> T:
        """Latch the loss of the port."""
        if self.lost:
            raise BusLostError(f"port {self.port.name!r} was lost: close the bus, check the arm, open it anew")
        try:
            return call()
        except BusLostError:
            self.lost = True
            raise

    def _clear(self, scan: Scan) -> None:
        """Wait for silence if something went wrong, then drop what has come."""
        stop_s = self.port.now_s() + self._timing.settle_s
        while self._unsettled and self.port.now_s() < stop_s:
            data = self._read(self.port.now_s() + self._timing.quiet_s)
            self._unsettled = bool(data)
            self._drop(data, scan)
        self._unsettled = False
        data = self._guarded(self.port.reset_input)
        self.counters.bytes_received += len(data)
        self._drop(data, scan)

    def _drop(self, data: bytes, scan: Scan) -> None:
        if not data:
            return
        self.counters.bytes_dropped += len(data)
        for frame in scan(data, self._debts.longest(), True).frames:
            self.counters.stale += self._debts.pay(frame.servo, len(frame.data))

    def _receive(self, exchange: _Exchange) -> None:
        timing, port = self._timing, self.port
        request_s = len(exchange.request) * BITS_PER_BYTE / port.baud
        deadline_s = port.now_s() + request_s + self._wire_s(exchange) + timing.reply_s
        last_s = deadline_s + timing.reply_s  # a line that babbles has an end
        late = False
        while exchange.missing and not late and (data := self._read(min(deadline_s, last_s))):
            late = port.now_s() >= last_s  # what a host that slept finds waiting is still taken, once
            exchange.heard += data
            exchange.buffer += data
            if len(exchange.buffer) >= exchange.shortest:  # read what is there while the rest is on the wire
                self._take(exchange, final=False)
            patience_s = timing.gap_s if self._still_due(exchange) else timing.silent_s
            deadline_s = port.now_s() + self._wire_s(exchange) + patience_s
        self._take(exchange, final=True)

    def _wire_s(self, exchange: _Exchange) -> float:
        """How long the replies that are missing need on the wire."""
        size = sum(exchange.overhead + exchange.wanted[servo] for servo in exchange.missing)
        delay_s = len(exchange.missing) * RETURN_DELAY_S
        return size * BITS_PER_BYTE / self.port.baud + delay_s + self.port.latency_s

    def _still_due(self, exchange: _Exchange) -> int:
        """Bytes to come at least, from those that are not known to be silent."""
        due = [servo for servo in exchange.missing if not self.silent(servo)]
        return sum(exchange.overhead + exchange.wanted[servo] for servo in due)

    def _take(self, exchange: _Exchange, final: bool) -> None:
        self._strip_echo(exchange)
        longest = max(*exchange.wanted.values(), self._debts.longest(), 0)
        found = exchange.scan(exchange.buffer, longest, final)
        exchange.buffer = exchange.buffer[found.taken :]
        self.counters.bytes_dropped += found.noise
        self.counters.bad_checksums += found.bad_checksums
        for frame in found.frames:
            if self._is_answer(exchange, frame):
                exchange.answers[frame.servo] = frame
                self.counters.bytes_used += len(frame.raw)
            else:
                self.counters.bytes_dropped += len(frame.raw)

    def _strip_echo(self, exchange: _Exchange) -> None:
        """An adapter that hears itself sends our request back first; Feetech's would pass for a reply."""
        at = exchange.buffer.find(exchange.request) if exchange.echo_open else -1
        if at < 0:
            return
        size = len(exchange.request)
        exchange.buffer = exchange.buffer[:at] + exchange.buffer[at + size :]
        exchange.echo_open = False
        self.counters.echoes += 1
        self.counters.bytes_dropped += size

    def _is_answer(self, exchange: _Exchange, frame: Frame) -> bool:
        counters, servo, length = self.counters, frame.servo, len(frame.data)
        wanted = exchange.wanted.get(servo)
        fits = length == wanted or (length == 0 and bool(self._refusal(frame.error)))
        if wanted is not None and fits and servo not in exchange.answers:
            return servo not in exchange.doubled
        if self._debts.pay(servo, length):
            counters.stale += 1
        elif wanted is None:
            counters.id_mismatches += 1
        elif fits:  # two servos with one id, or a reply from another time: neither can be believed
            counters.duplicates += 1
            self._disown(exchange, servo)
        else:
            counters.bad_lengths += 1
        return False

    def _disown(self, exchange: _Exchange, servo: int) -> None:
        spoilt = exchange.answers.pop(servo)
        exchange.doubled.add(servo)
        self.counters.bytes_used -= len(spoilt.raw)
        self.counters.bytes_dropped += len(spoilt.raw)

    def _close(self, exchange: _Exchange) -> None:
        self.heard = exchange.heard
        self.counters.bytes_dropped += len(exchange.buffer)
        self.counters.replies += len(exchange.answers)
        self.counters.missing += len(exchange.wanted) - len(exchange.answers)
        for servo, length in exchange.wanted.items():
            if servo in exchange.answers:
                self._losses[servo] = 0
                continue
            self._losses[servo] = self._losses.get(servo, 0) + 1
            self._debts.add(servo, length, self.port.now_s())
            self._unsettled |= not self.silent(servo)  # one that is gone for good disturbs nobody
