"""Endpoint of a port's supervisor: socket, key and lock file in a directory that only this user can enter.

$XDG_RUNTIME_DIR/robot-wm/<hash of the port's path>/{socket,key,lock} (or /tmp/robot-wm-<uid>/... if that is not set)
"""

import hashlib
import os
import socket
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hardware.supervisor.wire import Channel, WireError, authenticate_to_server
from robot_wm.errors import DeviceError


@dataclass(frozen=True)
class Endpoint:
    """Files of one port's supervisor."""

    folder: Path

    @property
    def socket(self) -> Path:
        """Unix socket of the server."""
        return self.folder / "socket"

    @property
    def key(self) -> Path:
        """Secret that clients must know."""
        return self.folder / "key"

    @property
    def lock(self) -> Path:
        """Locked while a supervisor is running."""
        return self.folder / "lock"


def endpoint_of(port: str) -> Endpoint:
    """Return the endpoint for a serial port and create its directory. Raises DeviceError if others can enter it."""
    base = os.environ.get("XDG_RUNTIME_DIR")
    root = Path(base) / "robot-wm" if base else Path(tempfile.gettempdir()) / f"robot-wm-{os.geteuid()}"
    real = port if "://" in port else os.path.realpath(port)
    folder = root / hashlib.sha256(real.encode()).hexdigest()[:16]
    for each in (root, folder):
        each.mkdir(mode=0o700, exist_ok=True, parents=True)
        _require_private(each)
    return Endpoint(folder)


def connect_to(endpoint: Endpoint, role: str, timeout_s: float = 2.0) -> Channel:
    """Connect to a supervisor and authenticate.

    Args:
        endpoint: of the supervisor's port.
        role: `hardware.supervisor.wire.CONTROLLER` or `OPERATOR`.
        timeout_s: for each message.

    Raises:
        WireError: when no supervisor answers.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    channel = Channel(connection, timeout_s)
    try:
        key = endpoint.key.read_bytes()
        connection.connect(str(endpoint.socket))
        authenticate_to_server(channel, key, role)
    except (OSError, WireError) as error:
        channel.close()
        raise WireError(f"no supervisor answers at {endpoint.socket}: {error}") from error
    return channel


def _require_private(folder: Path) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise DeviceError(f"{folder} must be a directory that only you can enter; remove it, or: chmod 700 {folder}")
