"""A pseudo-terminal that looks like a serial adapter: raw, with a path, a baud rate to read, and a plug to pull."""

import fcntl
import os
import struct
import tty
from pathlib import Path

from robot_wm.errors import ConfigError

_TCGETS2 = 0x802C542A
_TERMIOS2 = struct.Struct("4IB19B2I")  # flags, line, control characters, input and output speed


class Terminal:
    """The emulator's end of a pty. `link` names the other end, which is else /dev/pts/N."""

    def __init__(self, link: Path | None = None) -> None:
        self._link = link
        self._host_fd = self._fd = -1
        self.plug_in()

    def plug_in(self) -> None:
        """Make a new pty. The host's end stays open here, so that a client may come and go."""
        self._fd, self._host_fd = os.openpty()
        tty.setraw(self._host_fd)
        os.set_blocking(self._fd, False)
        self._target = os.ttyname(self._host_fd)
        if self._link is not None:
            self._name_it(self._link)

    def pull_out(self) -> None:
        """Clients see an unplugged adapter. Twice is once."""
        for fd in (self._fd, self._host_fd):
            if fd >= 0:
                os.close(fd)
        self._fd = self._host_fd = -1
        if self._link is not None and self._link.is_symlink() and str(self._link.readlink()) == self._target:
            self._link.unlink()

    @property
    def path(self) -> str:
        """What a client opens."""
        return self._target if self._link is None else str(self._link)

    @property
    def fd(self) -> int:
        """Readable when a client has written; -1 when pulled out."""
        return self._fd

    def baud(self) -> int:
        """The rate a client has set."""
        raw = fcntl.ioctl(self._host_fd, _TCGETS2, bytes(_TERMIOS2.size))
        return _TERMIOS2.unpack(raw)[-1]

    def _name_it(self, link: Path) -> None:
        if link.is_symlink():
            link.unlink()
        elif link.exists():
            raise ConfigError(f"--link {str(link)!r} is a file that is no link; remove it, or name another path")
        link.symlink_to(self._target)

    def read(self) -> bytes:
        """What a client has written; nothing where there is none."""
        try:
            return os.read(self._fd, 4096)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> None:
        """To the client; what nobody reads is lost once the kernel's buffer is full, as in an adapter."""
        try:
            os.write(self._fd, data)
        except BlockingIOError:
            return
