"""Messages between the supervisor and its clients: JSON over a local socket with a length prefix; no pickle.

A client proves that it knows the supervisor's key (a file that only this user can read) without sending it: each side
answers the other's random challenge with an HMAC (RFC 2104) that includes the side's name. In addition the kernel
reports the user at the other end of the Unix socket, and only this process's own user is accepted.
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
MESSAGE_MAX = 1 << 16  # bytes; regular messages are under a kilobyte, batches of the bus tap a few
CONTROLLER, OPERATOR = "controller", "operator"  # roles of a client
_LENGTH = struct.Struct(">I")
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid
Message = dict[str, Any]


class WireError(DeviceError):
    """The other side is gone, failed to authenticate, or broke the message format."""


@final
class Channel:
    """One connection that carries JSON objects. `send`, `answer` and `receive` raise WireError."""

    def __init__(self, connection: socket.socket, timeout_s: float = 2.0) -> None:
        self._socket = connection
        self.set_timeouts(timeout_s, timeout_s)
        self._received = b""  # part of a message that is not complete yet

    def send(self, message: Message) -> None:
        """Send one message; waits until it is sent."""
        data = json.dumps(message, allow_nan=False).encode()
        try:
            self._socket.sendall(_LENGTH.pack(len(data)) + data)
        except (OSError, ValueError) as error:
            raise WireError(f"cannot write to the other side: {error}") from error

    def answer(self, message: Message) -> None:
        """Send one message without waiting; a client that does not read its answers gets an error instead."""
        data = json.dumps(message, allow_nan=False).encode()
        try:
            sent = self._socket.send(_LENGTH.pack(len(data)) + data, socket.MSG_DONTWAIT)
        except OSError as error:
            raise WireError(f"the other side accepts no answers: {error}") from error
        if sent != _LENGTH.size + len(data):
            raise WireError("the other side accepts no answers: it has not read the earlier ones")

    def receive(self) -> Message:
        """Return the next message. If an exception interrupts the call, the next call continues with the message."""
        (length,) = _LENGTH.unpack(self._peek(_LENGTH.size))
        if length > MESSAGE_MAX:
            raise WireError(f"message of {length} bytes (allowed {MESSAGE_MAX}); the sender is not a robot-wm process")
        data = self._peek(_LENGTH.size + length)[_LENGTH.size :]
        self._received = self._received[_LENGTH.size + length :]
        try:
            message = json.loads(data)
        except ValueError as error:
            raise WireError(f"message is not JSON: {error}") from error
        if not isinstance(message, dict):
            raise WireError("message is not a JSON object")
        return message

    def set_timeouts(self, receive_s: float | None, send_s: float | None) -> None:
        """Set how long `receive` and `send` wait; None waits forever."""
        self._socket.setblocking(True)
        for option, seconds in ((socket.SO_RCVTIMEO, receive_s), (socket.SO_SNDTIMEO, send_s)):
            whole, part = divmod(round(1e6 * (seconds or 0.0)), 10**6)  # 0 waits forever
            self._socket.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", whole, part))

    def close(self) -> None:
        """Close the connection; allowed in any state."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _peek(self, count: int) -> bytes:
        """Wait for the next `count` bytes and return them without consuming them."""
        while len(self._received) < count:
            try:
                part = self._socket.recv(count - len(self._received))
            except OSError as error:
                raise WireError(f"the other side does not answer: {error}") from error
            if not part:
                raise WireError("the other side has disconnected")
            self._received += part
        return self._received[:count]


def new_key() -> bytes:
    """Return a new random key."""
    return secrets.token_bytes(KEY_BYTES)


def authenticate_to_server(channel: Channel, key: bytes, role: str) -> None:
    """Prove to the server that this client knows `key`, and check that the server does. Raises WireError."""
    challenge = channel.receive()
    mine = secrets.token_hex(16)
    proof = _proof(key, "client", str(challenge.get("challenge")), mine, role)
    channel.send({"role": role, "challenge": mine, "proof": proof})
    theirs = str(channel.receive().get("proof"))
    if not hmac.compare_digest(theirs, _proof(key, "server", mine, "", role)):
        raise WireError("the server does not know the key; it is not our supervisor")


def authenticate_client(channel: Channel, key: bytes) -> str:
    """Check that the client knows `key`, prove the same to it, and return its role. Raises WireError."""
    mine = secrets.token_hex(16)
    channel.send({"challenge": mine})
    answer = channel.receive()
    role, theirs = str(answer.get("role")), str(answer.get("challenge"))
    if not hmac.compare_digest(str(answer.get("proof")), _proof(key, "client", mine, theirs, role)):
        raise WireError("the client does not know the key")
    channel.send({"proof": _proof(key, "server", theirs, "", role)})
    return role


def is_same_user(connection: socket.socket) -> bool:
    """Return whether the process at the other end runs as the same user, as reported by the kernel."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return _CREDENTIALS.unpack(raw)[1] == os.geteuid()


def _proof(key: bytes, *parts: str) -> str:
    return hmac.new(key, "|".join(parts).encode(), "sha256").hexdigest()
