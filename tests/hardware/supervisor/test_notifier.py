"""The notifier never waits for its reader."""

import os

from hardware.supervisor.process import Notifier


def test_messages_are_written_in_order() -> None:
    reader, writer = os.pipe()
    with Notifier("arm: ", writer) as notify:
        for word in ("one", "two", "three"):
            notify(word)
    assert os.read(reader, 1000) == b"arm: one\narm: two\narm: three\n"


def test_a_blocked_reader_blocks_no_caller() -> None:
    _, writer = os.pipe()
    with Notifier("arm: ", writer) as notify:
        for _ in range(10_000):  # far more than a pipe and the queue hold
            notify("x" * 100)
