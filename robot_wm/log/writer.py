"""The process that writes a log: `python -m robot_wm.log.writer FD`, started by the recorder only.

Entries that arrive together are written at once, as a chunk: if both processes are killed, only what was queued or on
its way is lost. If the other process dies, the file is closed properly. If the disk is full, the file is truncated to
its intact part and closed, and the recorder is notified.
"""

import errno
import os
import signal
import socket
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import final

from robot_wm.log.container import ChunkWriter
from robot_wm.log.encode import Encoder
from robot_wm.log.entries import Entry, LogHeader, LogNote, Stamp
from robot_wm.log.link import Inlet, Setup
from robot_wm.log.paths import partial_of
from robot_wm.log.schemas import schema
from robot_wm.log.topics import topics

CHUNK_BYTES = 256 << 10  # a chunk as large as this does not wait for what came with it


@dataclass(frozen=True)
class Closed:
    """What a closed file holds."""

    messages: int
    file_bytes: int
    fault: str


@final
class LogFile:
    """The file behind a log: every channel defined, header and attachments written, then entries."""

    def __init__(self, setup: Setup) -> None:
        self._path = setup.path
        self._partial = partial_of(setup.path)
        self._clock_s = setup.header.began.clock_s  # of the last entry
        self._writer = ChunkWriter(self._partial.open("xb", buffering=0))
        self._channels = self._define(setup.header)
        self._encoder = Encoder(setup.header, self._put)
        for definitions in (1, 2):  # twice, in two chunks, so that one damaged place cannot take them
            if definitions == 2:
                self._writer.repeat_definitions()
            self._encoder.session()
            self._writer.flush()
        for name, content in setup.attachments.items():
            media = {".xml": "application/xml", ".json": "application/json"}.get(Path(name).suffix, "")
            self._writer.attach(name, media or "application/octet-stream", content, setup.header.began.wall_ns)

    def put(self, entries: Iterable[Entry]) -> None:
        """Write entries that arrived together. Raises OSError."""
        for entry in entries:
            self._clock_s = entry.stamp.clock_s
            self._encoder.put(entry)
            if isinstance(entry, LogNote) and entry.level in ("error", "fatal"):
                self._writer.flush(sync=True)
            elif self._writer.pending > CHUNK_BYTES:
                self._writer.flush()
        self._writer.flush()

    def note(self, words: str) -> None:
        """Add a note about an error of the recording itself. Raises OSError."""
        self.put([LogNote(Stamp(self._clock_s, time.monotonic(), time.time_ns()), "error", words, "recorder")])

    def close(self) -> Closed:
        """Complete the file. Raises OSError if even that fails."""
        fault = ""
        try:
            self._writer.flush()
        except OSError as error:  # the index may still find room where chunks are given up
            fault = _words(error)
        if self._writer.finish():
            fault = fault or "the disk is full; the last entries were removed to make room for the file's index"
        os.replace(self._partial, self._path)
        return Closed(self._writer.messages, self._path.stat().st_size, fault)

    def _define(self, header: LogHeader) -> dict[str, int]:
        every = topics(camera.name for camera in header.cameras)
        schemas: dict[str, int] = {}
        for topic in every:
            if topic.schema not in schemas:
                schemas[topic.schema] = self._writer.add_schema(topic.schema, *schema(topic))
        return {
            topic.name: self._writer.add_channel(topic.name, topic.encoding, schemas[topic.schema]) for topic in every
        }

    def _put(self, topic: str, log_time_ns: int, publish_time_ns: int, data: bytes) -> None:
        self._writer.add_message(self._channels[topic], log_time_ns, publish_time_ns, data)


def main(descriptor: int) -> None:
    """Serve one recording."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file that may not grow is an error of a write, not a death
    with socket.socket(fileno=descriptor) as link:
        _serve(Inlet(link))


def _serve(inlet: Inlet) -> None:
    setup = inlet.receive()
    if not isinstance(setup, Setup):
        return
    log: LogFile | None = None
    try:
        log = LogFile(setup)
        _record(inlet, log)
        closed = log.close()
    except Exception as error:  # whatever it is, what was recorded must not be lost over it
        inlet.answer(fault=_words(error))
        closed = _rescue(log)
        _drain(inlet)
    if closed.fault:
        inlet.answer(fault=closed.fault)
    inlet.answer(messages=closed.messages, bytes=closed.file_bytes)


def _record(inlet: Inlet, log: LogFile) -> None:
    """Write until the end is announced or the other process is gone."""
    while (entries := inlet.receive()) is not None:
        if entries is Inlet.GONE:
            return log.note("the recording process ended without closing its log: it was killed")
        log.put(entries)


def _rescue(log: LogFile | None) -> Closed:
    """Close the file after an error."""
    try:
        return Closed(0, 0, "") if log is None else log.close()
    except OSError:
        return Closed(0, 0, "")


def _drain(inlet: Inlet) -> None:
    """Discard further entries, so that the other side never waits."""
    while inlet.receive() not in (None, Inlet.GONE):
        pass


def _words(error: Exception) -> str:
    if not isinstance(error, OSError):
        return f"{type(error).__name__} in the recorder: {error}"
    known = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk quota is used up",
        errno.EFBIG: "a limit on file sizes is reached",
    }
    return f"{known.get(error.errno or 0, error.strerror)}; what was flushed until then is in the file"


if __name__ == "__main__":
    main(int(sys.argv[1]))
