"""Whoever listens to the supervisor's bus gets every byte in order; who is slow, or gone, is not waited for."""

import socket
import threading

from hardware.supervisor import overhearing
from hardware.supervisor.overhearing import Overheard, listen
from hardware.supervisor.wire import Channel

PIECES = [("sent" if n % 2 else "received", n.to_bytes(2, "big")) for n in range(1000)]


def pair() -> tuple[Channel, Channel]:
    ours, theirs = socket.socketpair()
    return Channel(ours), Channel(theirs)


def test_every_piece_arrives_in_order_and_the_end_of_the_line_is_the_end() -> None:
    ours, theirs = pair()
    overheard, heard = Overheard(print), []
    overheard("sent", b"before anybody listened")
    overheard.stream_to(ours)
    for piece in PIECES:
        overheard(*piece)

    def listener(direction: str, data: bytes) -> None:
        heard.append((direction, data))
        if len(heard) == len(PIECES):
            ours.close()

    listen(theirs, listener)
    assert heard == PIECES
    theirs.close()


def test_a_listener_that_takes_nothing_costs_its_own_bytes_and_is_named_once() -> None:
    ours, theirs = pair()
    said: list[str] = []
    overheard = Overheard(said.append)
    ours.set_timeouts(None, None)
    overheard.stream_to(ours)
    for _ in range(20 * overhearing._QUEUED):
        overheard("sent", bytes(100))
    assert said == ["who listens to the bus is too slow; its log has gaps"]
    ours.close()
    theirs.close()


def test_after_one_that_has_gone_another_may_listen() -> None:
    ours, theirs = pair()
    overheard = Overheard(print)
    overheard.stream_to(ours)
    theirs.close()
    again, other = pair()
    overheard.stream_to(again)
    overheard("sent", b"here")
    heard = threading.Event()
    threading.Thread(target=listen, args=(other, lambda direction, data: heard.set()), daemon=True).start()
    assert heard.wait(60.0)
    for channel in (ours, other, again):
        channel.close()
