"""Write messages of one or more files to a new one: the common part of recovering, cutting and merging.

The new file appears when it is complete. Messages keep their bytes, timestamps and numbers; nothing is added.
"""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self, final

from mcap.records import Channel

from robot_wm.errors import LogError
from robot_wm.files import require_writable
from robot_wm.log.container import ChunkWriter
from robot_wm.log.scan import Message, Scan

_CHUNK_BYTES = 256 << 10


@final
class Rewriter:
    """A new file being written. Raises LogError if the name is taken or the disk is full."""

    def __init__(self, path: Path) -> None:
        require_writable(path)
        if path.exists():
            raise LogError(f"cannot write {path}: it already exists; choose another name")
        self._path, self._beside = path, path.with_name(f".{path.name}.{os.getpid()}")
        self._file = self._beside.open("xb", buffering=0)
        self._writer = ChunkWriter(self._file)
        self._schemas: dict[tuple[str, str, bytes], int] = {}
        self._channels: dict[str, tuple[int, str, int]] = {}  # topic: number, encoding, schema
        self._repeated = 0

    def define(self, scanned: Scan) -> Mapping[int, int]:
        """Add a file's channels and return their new numbers by their old ones. Raises LogError if they conflict."""
        return {number: self._channel(scanned, channel) for number, channel in sorted(scanned.channels.items())}

    def add(self, messages: Iterable[Message], numbers: Mapping[int, int]) -> None:
        """Add messages of a file whose channels were defined; as one chunk, or several where they are large."""
        for message in messages:
            self.add_one(message, numbers)
        self._flush()

    def add_one(self, message: Message, numbers: Mapping[int, int]) -> None:
        """Add one message to the chunk in progress."""
        stamps = (message.log_time_ns, message.publish_time_ns)
        self._writer.add_message(numbers[message.channel], *stamps, message.data, message.sequence)
        if self._writer.pending > _CHUNK_BYTES:
            self._flush()

    def attach(self, attachments: Iterable[tuple[str, bytes]]) -> None:
        """Attach files."""
        for name, content in attachments:
            self._writer.attach(name, "application/octet-stream", content, 0)

    @property
    def messages(self) -> int:
        """Messages written."""
        return self._writer.messages

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._finish()
        except OSError as trouble:
            error = trouble
        finally:
            self._file.close()
            with suppress(FileNotFoundError):
                self._beside.unlink()
        if isinstance(error, OSError):
            raise LogError(f"cannot write {self._path}: {error.strerror}; make room or choose another place") from error

    def _finish(self) -> None:
        self._flush()
        if self._writer.finish():
            raise OSError(28, "No space left on device")
        os.replace(self._beside, self._path)

    def _flush(self) -> None:
        """The definitions go into the first two chunks, so that one damaged place cannot take them."""
        before = self._writer.written
        self._writer.flush()
        if self._writer.written > before and self._repeated == 0:
            self._writer.repeat_definitions()
            self._repeated = 1

    def _channel(self, scanned: Scan, channel: Channel) -> int:
        schema = scanned.schemas.get(channel.schema_id)
        number = 0
        if schema is not None:
            key = (schema.name, schema.encoding, bytes(schema.data))
            number = self._schemas.get(key) or self._writer.add_schema(*key)
            self._schemas[key] = number
        wanted = (channel.message_encoding, number)
        if channel.topic not in self._channels:
            added = self._writer.add_channel(channel.topic, channel.message_encoding, number)
            self._channels[channel.topic] = (added, *wanted)
        found, *kind = self._channels[channel.topic]
        if tuple(kind) != wanted:
            raise LogError(f"{scanned.path}: {channel.topic} has another schema than in the files before it")
        return found
