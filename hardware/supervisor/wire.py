"""Messages between the supervisor and those who talk to it: JSON over a local socket, length first; no pickle.

Who connects proves that it knows the supervisor's key (a file that only this user can read) without sending it: each
side answers the other's random challenge with an HMAC, over words that tell the two sides apart. The kernel vouches for
the user behind a Unix socket, and only this process's own user is let in.
"""

import contextlib
import hmac
import json
import os
import secrets
import socket
import struct
from typing import Any, final

from robot_wm.errors import DeviceError

KEY_BYTES = 32
MESSAGE_MAX = 1 << 16  # bytes; the largest that either side sends is under a kilobyte
_LENGTH = struct.Struct(">I")
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid
Message = dict[str, Any]


class WireError(DeviceError):
    """The other side is gone, is not who it should be, or speaks something else."""


@final
class Channel:
    """One connection. `receive` and `send` raise WireError; what arrives is a JSON object or nothing."""

    def __init__(self, connection: socket.socket, timeout_s: float = 2.0) -> None:
        self._socket = connection
        self.set_timeouts(timeout_s, timeout_s)
        self._came = b""  # of messages that are not whole yet

    def send(self, message: Message) -> None:
        """Send one message, whole."""
        data = json.dumps(message, allow_nan=False).encode()
        try:
            self._socket.sendall(_LENGTH.pack(len(data)) + data)
        except (OSError, ValueError) as error:
            raise WireError(f"the other side cannot be written to: {error}") from error

    def answer(self, message: Message) -> None:
        """Send one message without ever waiting: who does not take its answers has none."""
        data = json.dumps(message, allow_nan=False).encode()
        try:
            sent = self._socket.send(_LENGTH.pack(len(data)) + data, socket.MSG_DONTWAIT)
        except OSError as error:
            raise WireError(f"the other side takes no answers: {error}") from error
        if sent != _LENGTH.size + len(data):
            raise WireError("the other side takes no answers: it has not read those it had")

    def receive(self) -> Message:
        """The next message. One that an exception cuts short is not lost: the next call goes on with it."""
        (length,) = _LENGTH.unpack(self._first(_LENGTH.size))
        if length > MESSAGE_MAX:
            raise WireError(f"a message of {length} bytes (allowed {MESSAGE_MAX}); that is no client of ours")
        data = self._first(_LENGTH.size + length)[_LENGTH.size :]
        self._came = self._came[_LENGTH.size + length :]
        try:
            message = json.loads(data)
        except ValueError as error:
            raise WireError(f"a message that is not JSON: {error}") from error
        if not isinstance(message, dict):
            raise WireError("a message that is not a JSON object")
        return message

    def set_timeouts(self, receive_s: float | None, send_s: float | None) -> None:
        """How long `receive` and `send` wait from now on; None: as long as the other side takes."""
        self._socket.setblocking(True)
        for option, seconds in ((socket.SO_RCVTIMEO, receive_s), (socket.SO_SNDTIMEO, send_s)):
            whole, part = divmod(round(1e6 * (seconds or 0.0)), 10**6)  # 0 is for ever
            self._socket.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", whole, part))

    def fileno(self) -> int:
        """To wait on with select."""
        return self._socket.fileno()

    def close(self) -> None:
        """End the connection; legal in every state."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _first(self, count: int) -> bytes:
        """The first bytes of what came; they stay there."""
        while len(self._came) < count:
            try:
                part = self._socket.recv(count - len(self._came))
            except OSError as error:
                raise WireError(f"the other side does not answer: {error}") from error
            if not part:
                raise WireError("the other side has hung up")
            self._came += part
        return self._came[:count]


def new_key() -> bytes:
    """A fresh secret."""
    return secrets.token_bytes(KEY_BYTES)


def authenticate_to_server(channel: Channel, key: bytes, role: str) -> None:
    """The side that connects: prove to know `key`, and that the other side does. Raises WireError."""
    challenge = channel.receive()
    mine = secrets.token_hex(16)
    proof = _proof(key, "client", str(challenge.get("challenge")), mine, role)
    channel.send({"role": role, "challenge": mine, "proof": proof})
    theirs = str(channel.receive().get("proof"))
    if not hmac.compare_digest(theirs, _proof(key, "server", mine, "", role)):
        raise WireError("what listens there does not know the key; it is not our supervisor")


def authenticate_client(channel: Channel, key: bytes) -> str:
    """The side that listens: the role that the other asks for, once it has proved to know `key`. Raises WireError."""
    mine = secrets.token_hex(16)
    channel.send({"challenge": mine})
    answer = channel.receive()
    role, theirs = str(answer.get("role")), str(answer.get("challenge"))
    if not hmac.compare_digest(str(answer.get("proof")), _proof(key, "client", mine, theirs, role)):
        raise WireError("who connects does not know the key")
    channel.send({"proof": _proof(key, "server", theirs, "", role)})
    return role


def is_same_user(connection: socket.socket) -> bool:
    """Whether the process at the other end runs as this one's user, by the kernel's word."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return _CREDENTIALS.unpack(raw)[1] == os.geteuid()


def _proof(key: bytes, *words: str) -> str:
    return hmac.new(key, "|".join(words).encode(), "sha256").hexdigest()
