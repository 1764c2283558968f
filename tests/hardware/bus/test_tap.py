"""The consumer of a bus tap gets every byte in order; one that is slow or gone does not delay the bus."""

import threading

from hardware.bus.tap import QUEUE_PIECES, BufferedTap, Piece
from robot_wm.errors import DeviceError

PIECES = [("sent" if n % 2 else "received", n.to_bytes(2, "big")) for n in range(1000)]


def test_every_piece_arrives_in_order_from_the_subscription_on() -> None:
    received: list[Piece] = []
    complete = threading.Event()

    def deliver(pieces: list[Piece]) -> None:
        received.extend(pieces)
        if len(received) == len(PIECES):
            complete.set()

    tap = BufferedTap(print)
    tap("sent", b"before there was a consumer")
    tap.stream_to(deliver)
    for piece in PIECES:
        tap(*piece)
    assert complete.wait(60.0)
    assert received == PIECES


def test_a_slow_consumer_loses_bytes_and_is_reported_once() -> None:
    blocked = threading.Event()
    messages: list[str] = []
    tap = BufferedTap(messages.append)

    def block(pieces: list[Piece]) -> None:
        blocked.wait(60.0)

    tap.stream_to(block)
    for _ in range(3 * QUEUE_PIECES):
        tap("sent", bytes(100))
    assert messages == ["the consumer of the bus tap is too slow; its log has gaps"]
    blocked.set()


def test_another_consumer_can_subscribe_after_one_that_has_gone() -> None:
    def fail(pieces: list[Piece]) -> None:
        raise DeviceError("gone")

    tap, received = BufferedTap(print), threading.Event()
    tap.stream_to(fail)
    tap("sent", b"lost")
    tap.stream_to(lambda pieces: received.set())
    tap("sent", b"here")
    assert received.wait(60.0)
