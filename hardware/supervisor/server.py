"""Server of the supervisor: authenticates each connection in a thread of its own and puts its messages in one queue.

The supervisor's loop takes the messages out and answers them; it never waits for a client.
"""

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import final

from hardware.supervisor.endpoint import Endpoint
from hardware.supervisor.wire import Channel, Message, WireError, authenticate_client, is_same_user, new_key

_DISCONNECTED: Message = {"do": "hung up"}


@dataclass(frozen=True)
class ClientMessage:
    """One message, its sender's role, and the channel for the answer."""

    role: str
    message: Message
    channel: Channel


@final
class Server:
    """Listens at an endpoint until closed, with a new key."""

    def __init__(self, endpoint: Endpoint, inbox: "SimpleQueue[ClientMessage]", notify: Callable[[str], None]) -> None:
        """Create socket and key and start listening.

        Args:
            endpoint: of the port.
            inbox: receives all messages; a client that disconnects counts as the message `{"do": "hung up"}`.
            notify: receives reports of rejected clients.
        """
        self._endpoint, self._inbox, self._notify = endpoint, inbox, notify
        self._key = new_key()
        endpoint.socket.unlink(missing_ok=True)
        endpoint.key.unlink(missing_ok=True)
        endpoint.key.touch(mode=0o600)
        endpoint.key.write_bytes(self._key)
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._server.bind(str(endpoint.socket))
        self._server.listen(8)
        threading.Thread(target=self._accept, name="accept", daemon=True).start()

    def close(self) -> None:
        """Stop listening and remove socket and key."""
        self._server.close()
        self._endpoint.socket.unlink(missing_ok=True)
        self._endpoint.key.unlink(missing_ok=True)

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
                raise WireError("the client runs as another user")
            role = authenticate_client(channel, self._key)
        except (WireError, OSError) as error:
            self._notify(f"client rejected: {error}")
            channel.close()
            return
        channel.set_timeouts(None, None)
        with contextlib.suppress(WireError):
            while True:
                self._inbox.put(ClientMessage(role, channel.receive(), channel))
        self._inbox.put(ClientMessage(role, _DISCONNECTED, channel))
