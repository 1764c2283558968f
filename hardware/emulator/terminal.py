"""A pseudo-terminal that behaves like a serial adapter: raw, with a path, a readable baud rate, and unplugging."""

import fcntl
import os
import struct
import tty
from pathlib import Path

from robot_wm.errors import ConfigError

_TCGETS2 = 0x802C542A
_TERMIOS2 = struct.Struct("4IB19B2I")  # flags, line, control characters, input and output speed


class Terminal:
    """The emulator's end of a pty. Clients open `link`, or /dev/pts/N without a link."""

    def __init__(self, link: Path | None = None) -> None:
        self._link = link
        self._host_fd = self._fd = -1
        self.plug()

    def plug(self) -> None:
        """Create a new pty. Its client end stays open here, so that clients can connect repeatedly."""
        self._fd, self._host_fd = os.openpty()
        tty.setraw(self._host_fd)
        os.set_blocking(self._fd, False)
        self._target = os.ttyname(self._host_fd)
        if self._link is not None:
            self._create_link(self._link)

    def unplug(self) -> None:
        """Close the pty, so that clients see an unplugged adapter; may be called more than once."""
        for fd in (self._fd, self._host_fd):
            if fd >= 0:
                os.close(fd)
        self._fd = self._host_fd = -1
        if self._link is not None and self._link.is_symlink() and str(self._link.readlink()) == self._target:
            self._link.unlink()

    @property
    def path(self) -> str:
        """Path for clients to open."""
        return self._target if self._link is None else str(self._link)

    @property
    def fd(self) -> int:
        """Descriptor, readable when a client has written; -1 when unplugged."""
        return self._fd

    def baud(self) -> int:
        """Return the baud rate that a client has set."""
        raw = fcntl.ioctl(self._host_fd, _TCGETS2, bytes(_TERMIOS2.size))
        return _TERMIOS2.unpack(raw)[-1]

    def _create_link(self, link: Path) -> None:
        if link.is_symlink():
            link.unlink()
        elif link.exists():
            raise ConfigError(f"--link {str(link)!r} is a file and not a link; remove it, or choose another path")
        link.symlink_to(self._target)

    def read(self) -> bytes:
        """Return what a client has written, without waiting."""
        try:
            return os.read(self._fd, 4096)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> None:
        """Write to the client; unread data is lost once the kernel's buffer is full, as in an adapter."""
        try:
            os.write(self._fd, data)
        except BlockingIOError:
            return
