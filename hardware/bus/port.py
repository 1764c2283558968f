"""A serial port as the bus needs it: bytes out, bytes in until a deadline, and one word for "it is gone".

`Port` is the seam; `SerialPort` is a real one over pyserial, so `/dev/serial/by-id/...`, a pty, `socket://host:port`
and `rfc2217://host:port` all work. A simulated bus puts any object with these methods in its place, with its own clock.
"""

import os
import select
import termios
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import serial

from hardware.bus.errors import BusLostError, PortError

CHUNK = 4096
MOST_INPUT = 64 * CHUNK  # taken at once; a babbling line must not hold the host for ever
WRITE_TIMEOUT_S = 1.0  # a port that takes nothing for so long is gone
POLL_S = 0.002  # how often a port without a file descriptor (rfc2217) is asked
# All the ways in which pyserial and the kernel say "unplugged"; TypeError is a port closed under our feet.
GONE = (OSError, serial.SerialException, termios.error, TypeError)


class Port(Protocol):
    """Bytes out and in. Every method but `close` raises BusLostError once the other end is gone."""

    @property
    def name(self) -> str:
        """What a person calls it: a path or a URL."""
        raise NotImplementedError

    @property
    def baud(self) -> int:
        """Bits a second on the wire, 10 a byte."""
        raise NotImplementedError

    @property
    def latency_s(self) -> float:
        """How long an adapter may hold bytes back, over and above the time on the wire."""
        raise NotImplementedError

    def now_s(self) -> float:
        """The clock of the deadlines; it never goes back."""
        raise NotImplementedError

    def write(self, data: bytes) -> None:
        """Send all of `data`."""
        raise NotImplementedError

    def read_until(self, deadline_s: float) -> bytes:
        """What has come, as soon as there is at least a byte; empty at the deadline."""
        raise NotImplementedError

    def reset_input(self) -> bytes:
        """Take everything that has come and not been read."""
        raise NotImplementedError

    def close(self) -> None:
        """Give it back; legal in every state, more than once."""
        raise NotImplementedError


class SerialPort:
    """A port opened with pyserial, its only user on this machine."""

    def __init__(self, url: str, baud: int) -> None:
        """Open `url`; raises PortError with the remedy when it is missing, forbidden or taken."""
        self.name = url
        self.baud = baud
        self.latency_s = latency_timer_s(url)
        self._serial = _open(url, baud)
        self._fd = _descriptor(self._serial)
        self._poll = select.poll()
        if self._fd is not None:
            self._poll.register(self._fd, select.POLLIN)

    def now_s(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()

    def write(self, data: bytes) -> None:
        """Send all of `data`."""
        try:
            sent = self._write_some(data)
            if sent < len(data):
                self._serial.write(data[sent:])
        except GONE as error:
            raise _lost(self.name, error) from error

    def read_until(self, deadline_s: float) -> bytes:
        """What has come, as soon as there is at least a byte; empty at the deadline."""
        try:
            return self._ask(deadline_s) if self._fd is None else self._wait(self._fd, deadline_s)
        except GONE as error:
            raise _lost(self.name, error) from error

    def reset_input(self) -> bytes:
        """Take everything that has come and not been read."""
        taken = b""
        while len(taken) < MOST_INPUT and (more := self.read_until(0.0)):
            taken += more
        return taken

    def close(self) -> None:
        """Give it back, also when the other end is gone."""
        self._fd = None  # its number may soon be another file's
        with suppress(*GONE):
            self._serial.close()

    def _write_some(self, data: bytes) -> int:
        """The kernel takes a packet whole as a rule; pyserial waits for room for the rest."""
        try:
            return 0 if self._fd is None else os.write(self._fd, data)
        except BlockingIOError:
            return 0

    def _wait(self, fd: int, deadline_s: float) -> bytes:
        left_s = max(0.0, deadline_s - time.monotonic())
        events = self._poll.poll(left_s * 1000.0)  # rounded up to whole milliseconds
        if not events:
            return b""
        data = os.read(fd, CHUNK) if events[0][1] & select.POLLIN else b""
        if not data:  # readable and yet empty: the end of the file
            raise OSError("hung up")
        return data

    def _ask(self, deadline_s: float) -> bytes:
        while not (waiting := self._serial.in_waiting):
            if time.monotonic() >= deadline_s:
                return b""
            time.sleep(POLL_S)
        return self._serial.read(waiting)


def latency_timer_s(url: str) -> float:
    """What the adapter behind `url` holds bytes back for: FTDI's latency timer, 0 where there is none."""
    timer = Path("/sys/class/tty") / Path(url).resolve().name / "device/latency_timer"
    try:
        return int(timer.read_text()) / 1000.0
    except (OSError, ValueError):
        return 0.0


def _open(url: str, baud: int) -> serial.Serial:
    write_timeout = None if "://" in url else WRITE_TIMEOUT_S  # rfc2217 knows none
    try:
        return serial.serial_for_url(url, baudrate=baud, timeout=0, write_timeout=write_timeout, exclusive=True)
    except (OSError, ValueError, termios.error) as error:  # SerialException is an OSError
        raise PortError(_cannot_open(url, error)) from error


def _descriptor(port: serial.Serial) -> int | None:
    """The file descriptor to wait on; None where pyserial has a thread instead (rfc2217, loop)."""
    try:
        return port.fileno()
    except (OSError, AttributeError):
        return None


def _cannot_open(url: str, error: Exception) -> str:
    text = str(error)
    if "lock" in text or "busy" in text.lower():
        why = "another process has it; end that one (`fuser` names it), but not with kill -9, which leaves servos held"
    elif "Permission" in text:
        why = "no permission; add yourself to its group (`sudo usermod -aG dialout $USER`), then log in again"
    elif "No such file" in text:
        why = "there is none; is the cable in? `robot-wm arm find` lists what is there"
    else:
        why = "a path such as /dev/serial/by-id/..., socket://host:port or rfc2217://host:port is expected"
    return f"cannot open port {url!r}: {why} ({text})"


def _lost(name: str, error: Exception) -> BusLostError:
    return BusLostError(
        f"port {name!r} is lost ({error}): plug it in again, check that the arm is safe, then start anew"
    )
