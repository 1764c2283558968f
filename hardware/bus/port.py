"""Serial ports as the bus uses them: write bytes, read until a deadline, and one error when the port is gone.

`Port` is the interface. `SerialPort` implements it with pyserial, so `/dev/serial/by-id/...`, a pty,
`socket://host:port` and `rfc2217://host:port` all work. A simulated bus implements it with its own clock.
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
MAX_INPUT = 64 * CHUNK  # per reset; a bus that never falls silent must not block the host
WRITE_TIMEOUT_S = 1.0  # a port that accepts nothing for this long is gone
POLL_S = 0.002  # poll interval of a port without a file descriptor (rfc2217)
# Exceptions by which pyserial and the kernel report "unplugged"; TypeError means the port was closed meanwhile.
GONE = (OSError, serial.SerialException, termios.error, TypeError)


class Port(Protocol):
    """A byte stream with deadlines. All methods except `close` raise BusLostError once the other end is gone."""

    @property
    def name(self) -> str:
        """Path or URL, for messages."""
        raise NotImplementedError

    @property
    def baud(self) -> int:
        """Bits per second on the wire; a byte takes 10 bits."""
        raise NotImplementedError

    @property
    def latency_s(self) -> float:
        """How long the adapter may delay bytes on top of the wire time, s."""
        raise NotImplementedError

    def now_s(self) -> float:
        """Return the time of the monotonic clock that deadlines refer to, s."""
        raise NotImplementedError

    def write(self, data: bytes) -> None:
        """Write all of `data`."""
        raise NotImplementedError

    def read_until(self, deadline_s: float) -> bytes:
        """Return the received bytes as soon as there is one; empty at the deadline."""
        raise NotImplementedError

    def reset_input(self) -> bytes:
        """Return all received bytes that have not been read, without waiting."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the port; allowed in any state and more than once."""
        raise NotImplementedError


class SerialPort:
    """A port opened with pyserial, exclusively."""

    def __init__(self, url: str, baud: int) -> None:
        """Open `url` at `baud` bits per second.

        Raises:
            PortError: when the port is missing, not permitted or in use; the message says what to do.
        """
        self.name = url
        self.baud = baud
        self.latency_s = latency_timer_s(url)
        self._serial = _open(url, baud)
        self._fd = _descriptor(self._serial)
        self._poll = select.poll()
        if self._fd is not None:
            self._poll.register(self._fd, select.POLLIN)

    def now_s(self) -> float:
        """Return the time of `time.monotonic`, s."""
        return time.monotonic()

    def write(self, data: bytes) -> None:
        """Write all of `data`."""
        try:
            sent = self._write_some(data)
            if sent < len(data):
                self._serial.write(data[sent:])
        except GONE as error:
            raise _lost(self.name, error) from error

    def read_until(self, deadline_s: float) -> bytes:
        """Return the received bytes as soon as there is one; empty at the deadline."""
        try:
            return self._poll_serial(deadline_s) if self._fd is None else self._wait(self._fd, deadline_s)
        except GONE as error:
            raise _lost(self.name, error) from error

    def reset_input(self) -> bytes:
        """Return all received bytes that have not been read, without waiting."""
        taken = b""
        while len(taken) < MAX_INPUT and (more := self.read_until(0.0)):
            taken += more
        return taken

    def close(self) -> None:
        """Close the port, also when the other end is gone."""
        self._fd = None  # the number may be reused for another file
        with suppress(*GONE):
            self._serial.close()

    def _write_some(self, data: bytes) -> int:
        """Write without blocking; the kernel usually takes a whole packet, and pyserial waits to write the rest."""
        try:
            return 0 if self._fd is None else os.write(self._fd, data)
        except BlockingIOError:
            return 0

    def _wait(self, fd: int, deadline_s: float) -> bytes:
        left_s = max(0.0, deadline_s - time.monotonic())
        events = self._poll.poll(left_s * 1000.0)  # poll rounds up to whole milliseconds
        if not events:
            return b""
        data = os.read(fd, CHUNK) if events[0][1] & select.POLLIN else b""
        if not data:  # readable but empty: end of file
            raise OSError("hung up")
        return data

    def _poll_serial(self, deadline_s: float) -> bytes:
        while not (waiting := self._serial.in_waiting):
            if time.monotonic() >= deadline_s:
                return b""
            time.sleep(POLL_S)
        return self._serial.read(waiting)


def latency_timer_s(url: str) -> float:
    """Return the latency timer of the FTDI adapter behind `url` in s, 0 if it has none."""
    timer = Path("/sys/class/tty") / Path(url).resolve().name / "device/latency_timer"
    try:
        return int(timer.read_text()) / 1000.0
    except (OSError, ValueError):
        return 0.0


def _open(url: str, baud: int) -> serial.Serial:
    write_timeout = None if "://" in url else WRITE_TIMEOUT_S  # rfc2217 does not support it
    try:
        return serial.serial_for_url(url, baudrate=baud, timeout=0, write_timeout=write_timeout, exclusive=True)
    except (OSError, ValueError, termios.error) as error:  # SerialException is an OSError
        raise PortError(_cannot_open(url, error)) from error


def _descriptor(port: serial.Serial) -> int | None:
    """Return the file descriptor to wait on; None where pyserial uses a thread instead (rfc2217, loop)."""
    try:
        return port.fileno()
    except (OSError, AttributeError):
        return None


def _cannot_open(url: str, error: Exception) -> str:
    text = str(error)
    if "lock" in text or "busy" in text.lower():
        why = "another process has it open; end that process (`fuser` shows it), but not with kill -9: servos stay on"
    elif "Permission" in text:
        why = "permission denied; join its group (`sudo usermod -aG dialout $USER`), then log in again"
    elif "No such file" in text:
        why = "no such port; is the cable plugged in? `robot-wm arm find` lists the ports"
    else:
        why = "expected a path such as /dev/serial/by-id/..., socket://host:port or rfc2217://host:port"
    return f"cannot open port {url!r}: {why} ({text})"


def _lost(name: str, error: Exception) -> BusLostError:
    return BusLostError(f"port {name!r} is lost ({error}): plug it in again, check that the arm is safe, then restart")
