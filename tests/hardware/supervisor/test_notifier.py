"""Who tells never waits for who reads."""

import os

from hardware.supervisor.telling import Notifier


def test_what_is_told_is_written_in_order() -> None:
    reader, writer = os.pipe()
    with Notifier("arm: ", writer) as tell:
        for word in ("one", "two", "three"):
            tell(word)
    assert os.read(reader, 1000) == b"arm: one\narm: two\narm: three\n"


def test_a_reader_that_has_stopped_stops_nobody() -> None:
    _, writer = os.pipe()
    with Notifier("arm: ", writer) as tell:
        for _ in range(10_000):  # far more than a pipe and the queue hold
            tell("x" * 100)
