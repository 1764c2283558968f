"""One request and its replies on a port: tells answers from late and missing replies, and counts all of them.

Rules: the input is cleared before every request; after a loss the bus must fall silent first; a frame is an answer only
if its servo was asked, its length is the requested one, and that servo has no outstanding reply of the same length.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import TypeVar

from hardware.bus.counters import Counters
from hardware.bus.errors import BusLostError
from hardware.bus.frames import Frame, ScanResult
from hardware.bus.outstanding import OutstandingReplies
from hardware.bus.port import Port
from hardware.checks import require_positive

BITS_PER_BYTE = 10  # start bit, eight data bits, stop bit
RETURN_DELAY_S = 0.0005  # the longest return delay that a servo can be set to
SILENT_AFTER_LOSSES = 3
T = TypeVar("T")
Scan = Callable[[bytes, int, bool], ScanResult]  # (buffer, longest data, no more bytes will come)


@dataclass(frozen=True)
class Timing:
    """How long to wait on top of the wire time, the servos' return delay and the adapter's latency; seconds."""

    reply_s: float = 0.020  # for the first byte: the other end may be a process on a busy machine
    gap_s: float = 0.010  # for the next byte, once some have arrived
    silent_s: float = 0.002  # for servos that missed `SILENT_AFTER_LOSSES` replies in a row
    quiet_s: float = 0.002  # without a byte, after which the bus counts as silent
    settle_s: float = 0.010  # longest wait for silence
    debt_s: float = 0.5  # how long a missing reply stays outstanding

    def __post_init__(self) -> None:
        require_positive("timing", self, *(each.name for each in fields(self)))


@dataclass
class _Exchange:
    """A request in progress."""

    request: bytes
    expected: Mapping[int, int]  # servo -> bytes of data
    scan: Scan
    overhead: int  # bytes of a reply besides its data
    buffer: bytes = b""
    received: bytes = b""  # everything, for error messages
    answers: dict[int, Frame] = field(default_factory=dict)
    conflicting: set[int] = field(default_factory=set)  # servos that answered twice
    may_echo: bool = True

    @property
    def shortest(self) -> int:
        """Bytes of the shortest reply."""
        return self.overhead + min(self.expected.values())

    @property
    def missing(self) -> list[int]:
        """Servos that have not answered yet."""
        return [servo for servo in self.expected if servo not in self.answers and servo not in self.conflicting]


class Transport:
    """Sends requests on a port and collects the reply frames."""

    def __init__(self, port: Port, refusal: Callable[[int], str], timing: Timing) -> None:
        """Send nothing yet.

        Args:
            port: an open port.
            refusal: returns the meaning of an error byte, empty if it reports no refusal.
            timing: how long to wait.
        """
        self.port = port
        self.counters = Counters()
        self.lost = False
        self.received = b""  # after the last request, for error messages
        self._refusal = refusal
        self._timing = timing
        self._outstanding = OutstandingReplies(timing.debt_s)
        self._losses: dict[int, int] = {}
        self._unsettled = False

    def send(self, request: bytes) -> None:
        """Send a request that has no reply. Raises BusLostError."""
        self._write(request)

    def request(self, request: bytes, expected: Mapping[int, int], scan: Scan, overhead: int) -> dict[int, Frame]:
        """Send `request` and collect the replies.

        Args:
            request: the packet.
            expected: the servos that should reply -> bytes of data in the reply.
            scan: finds the frames in a buffer.
            overhead: bytes of a reply besides its data.

        Returns:
            The frame of each servo that answered in time.

        Raises:
            BusLostError: when the port is gone.
        """
        exchange = _Exchange(request, expected, scan, overhead)
        self.counters.expected += len(expected)
        try:
            self._clear(scan)
            self._write(request)
            self._receive(exchange)
        finally:
            self._finish(exchange)
        return exchange.answers

    def is_silent(self, servo: int) -> bool:
        """Return whether the last `SILENT_AFTER_LOSSES` replies of `servo` were missing."""
        return self._losses.get(servo, 0) >= SILENT_AFTER_LOSSES

    def outstanding(self) -> OutstandingReplies:
        """Return the replies that may still arrive."""
        if self._outstanding:
            self._outstanding.expire(self.port.now_s())
        return self._outstanding

    def _write(self, request: bytes) -> None:
        self._guarded(lambda: self.port.write(request))
        self.counters.requests += 1
        self.counters.bytes_sent += len(request)

    def _read(self, deadline_s: float) -> bytes:
        data = self._guarded(lambda: self.port.read_until(deadline_s))
        self.counters.bytes_received += len(data)
        return data

    def _guarded(self, call: Callable[[], T]) -> T:
        """Call a method of the port; latch its loss."""
        if self.lost:
            raise BusLostError(f"port {self.port.name!r} was lost: close the bus, check the arm, open the bus again")
        try:
            return call()
        except BusLostError:
            self.lost = True
            raise

    def _clear(self, scan: Scan) -> None:
        """After a loss wait for silence, then drop the input."""
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
        for frame in scan(data, self._outstanding.longest(), True).frames:
            self.counters.stale += self._outstanding.settle(frame.servo, len(frame.data))

    def _receive(self, exchange: _Exchange) -> None:
        timing, port = self._timing, self.port
        request_s = len(exchange.request) * BITS_PER_BYTE / port.baud
        deadline_s = port.now_s() + request_s + self._wire_s(exchange) + timing.reply_s
        last_s = deadline_s + timing.reply_s  # ends the wait on a bus that never falls silent
        late = False
        while exchange.missing and not late and (data := self._read(min(deadline_s, last_s))):
            late = port.now_s() >= last_s  # a host that was suspended still takes what has arrived, once
            exchange.received += data
            exchange.buffer += data
            if len(exchange.buffer) >= exchange.shortest:  # parse while the rest is on the wire
                self._parse(exchange, final=False)
            wait_s = timing.gap_s if self._bytes_due(exchange) else timing.silent_s
            deadline_s = port.now_s() + self._wire_s(exchange) + wait_s
        self._parse(exchange, final=True)

    def _wire_s(self, exchange: _Exchange) -> float:
        """Return how long the missing replies take on the wire."""
        size = sum(exchange.overhead + exchange.expected[servo] for servo in exchange.missing)
        delay_s = len(exchange.missing) * RETURN_DELAY_S
        return size * BITS_PER_BYTE / self.port.baud + delay_s + self.port.latency_s

    def _bytes_due(self, exchange: _Exchange) -> int:
        """Return the bytes still missing from servos that are not known to be silent."""
        due = [servo for servo in exchange.missing if not self.is_silent(servo)]
        return sum(exchange.overhead + exchange.expected[servo] for servo in due)

    def _parse(self, exchange: _Exchange, final: bool) -> None:
        self._strip_echo(exchange)
        longest = max(*exchange.expected.values(), self._outstanding.longest(), 0)
        result = exchange.scan(exchange.buffer, longest, final)
        exchange.buffer = exchange.buffer[result.consumed :]
        self.counters.bytes_dropped += result.noise
        self.counters.bad_checksums += result.bad_checksums
        for frame in result.frames:
            if self._is_answer(exchange, frame):
                exchange.answers[frame.servo] = frame
                self.counters.bytes_used += len(frame.raw)
            else:
                self.counters.bytes_dropped += len(frame.raw)

    def _strip_echo(self, exchange: _Exchange) -> None:
        """Remove the request if the adapter echoes it; Feetech requests have the format of a reply."""
        at = exchange.buffer.find(exchange.request) if exchange.may_echo else -1
        if at < 0:
            return
        size = len(exchange.request)
        exchange.buffer = exchange.buffer[:at] + exchange.buffer[at + size :]
        exchange.may_echo = False
        self.counters.echoes += 1
        self.counters.bytes_dropped += size

    def _is_answer(self, exchange: _Exchange, frame: Frame) -> bool:
        counters, servo, length = self.counters, frame.servo, len(frame.data)
        wanted = exchange.expected.get(servo)
        fits = length == wanted or (length == 0 and bool(self._refusal(frame.error)))
        if wanted is not None and fits and servo not in exchange.answers:
            return servo not in exchange.conflicting
        if self._outstanding.settle(servo, length):
            counters.stale += 1
        elif wanted is None:
            counters.id_mismatches += 1
        elif fits:  # two servos with one id, or an older reply: neither answer can be trusted
            counters.duplicates += 1
            self._withdraw(exchange, servo)
        else:
            counters.bad_lengths += 1
        return False

    def _withdraw(self, exchange: _Exchange, servo: int) -> None:
        withdrawn = exchange.answers.pop(servo)
        exchange.conflicting.add(servo)
        self.counters.bytes_used -= len(withdrawn.raw)
        self.counters.bytes_dropped += len(withdrawn.raw)

    def _finish(self, exchange: _Exchange) -> None:
        self.received = exchange.received
        self.counters.bytes_dropped += len(exchange.buffer)
        self.counters.replies += len(exchange.answers)
        self.counters.missing += len(exchange.expected) - len(exchange.answers)
        for servo, length in exchange.expected.items():
            if servo in exchange.answers:
                self._losses[servo] = 0
                continue
            self._losses[servo] = self._losses.get(servo, 0) + 1
            self._outstanding.add(servo, length, self.port.now_s())
            self._unsettled |= not self.is_silent(servo)  # a servo that is gone sends nothing to wait for
