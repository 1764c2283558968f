"""The supervisor's ears: every connection has a thread that proves it, then puts its messages in one queue.

The loop that looks after the arm takes them out and answers; it never waits for a client.
"""

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import final

from hardware.supervisor.endpoint import Endpoint
from hardware.supervisor.wire import Channel, Message, WireError, authenticate_client, new_key, is_same_user

CONTROLLER, OPERATOR = "controller", "operator"
_HANG_UP: Message = {"do": "hung up"}


@dataclass(frozen=True)
class ClientMessage:
    """One message, who it is from and where the answer goes."""

    role: str
    message: Message
    channel: Channel


@final
class Listener:
    """Listens at a place until closed. A key is made anew each time."""

    def __init__(self, place: Endpoint, heard: "SimpleQueue[ClientMessage]", tell: Callable[[str], None]) -> None:
        self._place, self._heard, self._tell = place, heard, tell
        self._key = new_key()
        place.socket.unlink(missing_ok=True)
        place.key.unlink(missing_ok=True)
        place.key.touch(mode=0o600)
        place.key.write_bytes(self._key)
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._server.bind(str(place.socket))
        self._server.listen(8)
        threading.Thread(target=self._accept, name="accept", daemon=True).start()

    def close(self) -> None:
        """Stop listening and leave nothing behind."""
        self._server.close()
        self._place.socket.unlink(missing_ok=True)
        self._place.key.unlink(missing_ok=True)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), name="client", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        channel = Channel(connection)
        try:
            if not is_same_user(connection):
                raise WireError("who connects is another user")
            role = authenticate_client(channel, self._key)
        except (WireError, OSError) as error:
            self._tell(f"turned away: {error}")
            channel.close()
            return
        channel.set_timeouts(None, None)
        with contextlib.suppress(WireError):
            while True:
                self._heard.put(ClientMessage(role, channel.receive(), channel))
        self._heard.put(ClientMessage(role, _HANG_UP, channel))
