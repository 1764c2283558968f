"""The bytes on the supervisor's bus reach a listener in another process."""

import socket
import threading

from hardware.bus import BufferedTap
from hardware.supervisor.connection import receive_tap
from hardware.supervisor.loop import _send_pieces
from hardware.supervisor.wire import Channel

PIECES = [("sent" if n % 2 else "received", n.to_bytes(2, "big")) for n in range(1000)]


def test_every_piece_arrives_and_a_closed_channel_ends_the_listener() -> None:
    ours, theirs = (Channel(each) for each in socket.socketpair())
    received: list[tuple[str, bytes]] = []
    tap = BufferedTap(print)
    tap.stream_to(lambda pieces: _send_pieces(ours, pieces))

    def listener(direction: str, data: bytes) -> None:
        received.append((direction, data))
        if len(received) == len(PIECES):
            ours.close()

    thread = threading.Thread(target=receive_tap, args=(theirs, listener))
    thread.start()
    for piece in PIECES:
        tap(*piece)
    thread.join(60.0)
    assert received == PIECES
    theirs.close()
