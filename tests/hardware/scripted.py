"""Servos made of bytes, for the tests of ports and drivers: a memory each, answers by the manuals, no physics.

Written apart from the drivers' own packet code, so that a common error would show. `ScriptedPort` answers in its own
time, `PtyPeer` over a real pseudo-terminal.
"""

import heapq
import os
import select
import threading
import time
import tty
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

Delayed = tuple[float, bytes]  # seconds after the request, bytes


def dxl_crc(data: bytes) -> int:
    """CRC-16 with polynomial 0x8005, a bit at a time."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = ((crc << 1) ^ (0x8005 if crc & 0x8000 else 0)) & 0xFFFF
    return crc


@dataclass
class Servos:
    """Servos with nothing but memory. `before` runs on each request, for instance to move them."""

    protocol: str
    ids: tuple[int, ...]
    error: dict[int, int] = field(default_factory=dict)
    before: Callable[["Servos"], None] = lambda servos: None
    crc: Callable[[bytes], int] = dxl_crc
    requests: int = 0
    memory: dict[int, bytearray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.memory = {servo: bytearray(1024) for servo in self.ids}

    def put(self, servo: int, address: int, value: int, size: int) -> None:
        """Set bytes of the memory."""
        self.memory[servo][address : address + size] = value.to_bytes(size, "little")

    def answers(self, request: bytes) -> list[bytes]:
        """The replies to the packets in `request`, in order."""
        return [reply for packet in self.packets(request) for reply in self.answer(*packet)]

    def packets(self, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Servo, instruction and parameters of each packet."""
        feetech = self.protocol == "feetech"
        while data:
            end = 4 + data[3] if feetech else 7 + int.from_bytes(data[5:7], "little")
            packet, data = data[:end], data[end:]
            body = packet[4:-1] if feetech else packet[7:-2].replace(b"\xff\xff\xfd\xfd", b"\xff\xff\xfd")
            yield packet[2] if feetech else packet[4], body[0], body[1:]

    def answer(self, servo: int, code: int, body: bytes) -> list[bytes]:
        """The replies to one packet, in order."""
        self.requests += 1
        self.before(self)
        width = 1 if self.protocol == "feetech" else 2
        address, rest = int.from_bytes(body[:width], "little"), body[width:]
        length = int.from_bytes(rest[:width], "little")
        if code == 1:
            return [self._reply(servo, self._identity(servo))] if servo in self.ids else []
        if code == 2:
            return [self._reply(servo, self._bytes(servo, address, length))] if servo in self.ids else []
        if code == 3:
            return self._write(servo, address, rest)
        if code == 0x82:
            return [self._reply(each, self._bytes(each, address, length)) for each in rest[width:] if each in self.ids]
        if code == 0x83:
            self._sync_write(address, length, rest[width:])
        if code == 0x8A:
            return [self._fast_reply(address, length, rest[width:])]
        return []

    def _identity(self, servo: int) -> bytes:
        return b"" if self.protocol == "feetech" else bytes(self.memory[servo][0:2] + self.memory[servo][6:7])

    def _bytes(self, servo: int, address: int, length: int) -> bytes:
        return bytes(self.memory[servo][address : address + length])

    def _write(self, servo: int, address: int, data: bytes) -> list[bytes]:
        if servo not in self.ids:
            return []
        self.memory[servo][address : address + len(data)] = data
        return [self._reply(servo, b"")]

    def _sync_write(self, address: int, length: int, blocks: bytes) -> None:
        for at in range(0, len(blocks), length + 1):
            self._write(blocks[at], address, blocks[at + 1 : at + 1 + length])

    def _reply(self, servo: int, data: bytes) -> bytes:
        error = self.error.get(servo, 0)
        if self.protocol == "feetech":
            body = bytes((servo, len(data) + 2, error)) + data
            return b"\xff\xff" + body + bytes((255 - sum(body) % 256,))
        body = (bytes((0x55, error)) + data).replace(b"\xff\xff\xfd", b"\xff\xff\xfd\xfd")
        frame = b"\xff\xff\xfd\x00" + bytes((servo,)) + (len(body) + 2).to_bytes(2, "little") + body
        return frame + self.crc(frame).to_bytes(2, "little")

    def _fast_reply(self, address: int, length: int, ids: Iterable[int]) -> bytes:
        ids = tuple(ids)
        frame = b"\xff\xff\xfd\x00\xfe" + (1 + len(ids) * (length + 4)).to_bytes(2, "little") + b"\x55"
        for servo in ids:
            if servo not in self.ids:
                break
            frame += bytes((self.error.get(servo, 0), servo)) + self._bytes(servo, address, length)
            frame += self.crc(frame).to_bytes(2, "little")
        return frame


class ScriptedPort:
    """A port in its own time: `answer` gives what comes back and when. Waiting costs nothing."""

    def __init__(self, answer: Callable[[bytes], Iterable[Delayed]], baud: int = 1_000_000) -> None:
        self.name, self.baud, self.latency_s = "scripted", baud, 0.0
        self.sent: list[bytes] = []
        self.closed = False
        self._answer = answer
        self._now_s = 0.0
        self._due: list[tuple[float, int, bytes]] = []
        self._order = 0

    def now_s(self) -> float:
        return self._now_s

    def write(self, data: bytes) -> None:
        self.sent.append(data)
        self._now_s += len(data) * 10 / self.baud
        for delay_s, reply in self._answer(data):
            self._order += 1
            heapq.heappush(self._due, (self._now_s + delay_s, self._order, reply))

    def read_until(self, deadline_s: float) -> bytes:
        if self._due and self._due[0][0] <= deadline_s:
            self._now_s = max(self._now_s, self._due[0][0])
            return heapq.heappop(self._due)[2]
        self._now_s = max(self._now_s, deadline_s)
        return b""

    def reset_input(self) -> bytes:
        taken = b""
        while self._due and self._due[0][0] <= self._now_s:
            taken += heapq.heappop(self._due)[2]
        return taken

    def close(self) -> None:
        self.closed = True


class PtyPeer:
    """The other end of a pseudo-terminal, answering from a thread. Use as a context; `path` is what a client opens."""

    def __init__(self, answer: Callable[[bytes], Iterable[Delayed]]) -> None:
        self._answer = answer
        self._fd, self._host_fd = os.openpty()
        tty.setraw(self._host_fd)
        self.path = os.ttyname(self._host_fd)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "PtyPeer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()

    def unplug(self) -> None:
        """Close both ends, as when a cable is drawn."""
        if self._stop.is_set():
            return
        self._stop.set()
        self._thread.join()
        os.close(self._fd)
        os.close(self._host_fd)

    def _serve(self) -> None:
        due: list[tuple[float, int, bytes]] = []
        count = 0
        while not self._stop.is_set():
            wait_s = min(0.02, max(0.0, due[0][0] - time.monotonic())) if due else 0.02
            if select.select([self._fd], [], [], wait_s)[0]:
                for delay_s, reply in self._answer(os.read(self._fd, 4096)):
                    count += 1
                    heapq.heappush(due, (time.monotonic() + delay_s, count, reply))
            while due and due[0][0] <= time.monotonic():
                os.write(self._fd, heapq.heappop(due)[2])
