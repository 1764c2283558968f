"""Write MCAP so that a kill, a full disk or a damaged place loses little.

Messages are collected in chunks; `flush` writes one and remembers the end of the intact file. When a write fails, the
file is truncated to there, and `finish` still completes it, removing the last chunks if the disk has no room for the
index. Definitions may be repeated (`repeat_definitions`), so that losing the first chunk loses nothing
else. Knows no robot; the records' layout comes from the `mcap` package.
"""

import os
import struct
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from io import FileIO
from typing import final

from mcap.data_stream import RecordBuilder
from mcap.opcode import Opcode
from mcap.records import (
    Attachment,
    AttachmentIndex,
    Channel,
    Chunk,
    ChunkIndex,
    DataEnd,
    Footer,
    Header,
    Schema,
    Statistics,
    SummaryOffset,
)
from zstandard import ZstdCompressionParameters, ZstdCompressor

from robot_wm.version import __version__

MAGIC = b"\x89MCAP0\r\n"
LIBRARY = f"robot_wm/{__version__}"
PROFILE = "robot_wm"
# Higher levels of zstd make hardly less of pictures. Short matches are not looked for: a camera's noise has none.
_PACKING = ZstdCompressionParameters.from_level(1, source_size=256 << 10, min_match=7, hash_log=12)
_MESSAGE = struct.Struct("<BQHIQQ")  # opcode, length, channel, sequence, log time, publish time
_OPCODE = int(Opcode.MESSAGE)
_INDEX = struct.Struct("<BQHI")  # opcode, length, channel, bytes of the pairs of log time and offset that follow


@dataclass(frozen=True)
class _Sound:
    """Up to where the file is whole, and what there is to say about it."""

    end: int  # offset
    crc: int  # of all bytes before `end`
    index: ChunkIndex | None = None  # None: no chunk, but an attachment
    counts: tuple[tuple[int, int], ...] = ()  # channel, messages
    attachment: AttachmentIndex | None = None


@final
class ChunkWriter:
    """One MCAP file being written to an unbuffered file. Times are in ns."""

    def __init__(self, file: FileIO, library: str = LIBRARY) -> None:
        self._file, self._packer = file, ZstdCompressor(compression_params=_PACKING)
        self._schemas: dict[int, Schema] = {}
        self._channels: dict[int, Channel] = {}
        self._sequences: Counter[int] = Counter()
        self._sound: list[_Sound] = []
        self._end, self._crc = 0, 0
        self._begin_chunk()
        builder = RecordBuilder()
        Header(PROFILE, library).write(builder)
        self._put(MAGIC + builder.end())
        self._sound.append(_Sound(self._end, self._crc))

    @property
    def pending(self) -> int:
        """Bytes that no flush has written yet."""
        return self._size

    @property
    def written(self) -> int:
        """Bytes in the file."""
        return self._end

    @property
    def messages(self) -> int:
        """Messages in the file, flushed ones only."""
        return sum(count for sound in self._sound for _, count in sound.counts)

    def add_schema(self, name: str, encoding: str, data: bytes) -> int:
        """Define a schema; its number."""
        schema = Schema(id=len(self._schemas) + 1, name=name, encoding=encoding, data=data)
        self._schemas[schema.id] = schema
        self._append(_bytes_of(schema))
        return schema.id

    def add_channel(self, topic: str, encoding: str, schema_id: int) -> int:
        """Define a channel; its number."""
        number = len(self._channels) + 1
        channel = Channel(id=number, topic=topic, message_encoding=encoding, schema_id=schema_id, metadata={})
        self._channels[number] = channel
        self._append(_bytes_of(channel))
        return number

    def repeat_definitions(self) -> None:
        """Write all schemas and channels again, into the chunk in progress."""
        for record in (*self._schemas.values(), *self._channels.values()):
            self._append(_bytes_of(record))

    def add_message(
        self, channel: int, log_time_ns: int, publish_time_ns: int, data: bytes, sequence: int | None = None
    ) -> None:
        """Add a message to the chunk in progress; `sequence` counts by itself unless given."""
        number = self._sequences[channel] if sequence is None else sequence
        self._sequences[channel] = number + 1
        self._indices[channel] += (log_time_ns, self._size)
        size = len(data)
        head = _MESSAGE.pack(_OPCODE, 22 + size, channel, number, log_time_ns, publish_time_ns)
        self._parts += (head, data)
        self._size += _MESSAGE.size + size

    def flush(self, sync: bool = False) -> None:
        """Write the chunk in progress. Raises OSError, the file then ends where it was sound and the chunk is lost."""
        if self._indices:
            plain, indices = b"".join(self._parts), self._indices
            self._begin_chunk()
            self._put_chunk(plain, indices)
        if sync:
            os.fsync(self._file.fileno())

    def attach(self, name: str, media_type: str, data: bytes, time_ns: int) -> None:
        """Attach a file. Raises OSError."""
        record = _bytes_of(
            Attachment(create_time=time_ns, log_time=time_ns, name=name, media_type=media_type, data=data)
        )
        index = AttachmentIndex(
            offset=self._end,
            length=len(record),
            log_time=time_ns,
            create_time=time_ns,
            data_size=len(data),
            name=name,
            media_type=media_type,
        )
        self._put(record)
        self._sound.append(_Sound(self._end, self._crc, attachment=index))

    def finish(self) -> int:
        """Write index and footer, giving up last chunks until it fits; how many. Raises OSError where it never does."""
        given_up = 0
        while True:
            try:
                self._put(self._ending())
            except OSError:
                if len(self._sound) == 1:
                    raise
                self._sound.pop()
                self._cut_back()
                given_up += 1
            else:
                os.fsync(self._file.fileno())
                return given_up

    def _begin_chunk(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._indices: dict[int, list[int]] = defaultdict(list)  # by channel: log time, offset, log time, offset, ...

    def _append(self, data: bytes) -> None:
        self._parts.append(data)
        self._size += len(data)

    def _put_chunk(self, plain: bytes, indices: dict[int, list[int]]) -> None:
        packed = self._packer.compress(plain)
        times = [time_ns for places in indices.values() for time_ns in places[::2]]
        first_ns, last_ns = min(times), max(times)
        builder = RecordBuilder()
        Chunk("zstd", packed, last_ns, first_ns, zlib.crc32(plain), len(plain)).write(builder)
        length, offsets = builder.count, dict[int, int]()
        parts, end = [builder.end()], self._end + length
        for channel, places in indices.items():
            offsets[channel] = end
            parts.append(_INDEX.pack(Opcode.MESSAGE_INDEX, 6 + 8 * len(places), channel, 8 * len(places)))
            parts.append(struct.pack(f"<{len(places)}Q", *places))
            end += _INDEX.size + 8 * len(places)
        index = ChunkIndex(
            chunk_length=length,
            chunk_start_offset=self._end,
            compression="zstd",
            compressed_size=len(packed),
            message_end_time=last_ns,
            message_index_length=end - self._end - length,
            message_index_offsets=offsets,
            message_start_time=first_ns,
            uncompressed_size=len(plain),
        )
        counts = tuple((channel, len(places) // 2) for channel, places in indices.items())
        self._put(b"".join(parts))
        self._sound.append(_Sound(self._end, self._crc, index, counts))

    def _put(self, data: bytes) -> None:
        """All of `data` or nothing of it."""
        left = memoryview(data)
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError:
            self._cut_back()
            raise
        self._end, self._crc = self._end + len(data), zlib.crc32(data, self._crc)

    def _cut_back(self) -> None:
        if self._sound:
            self._end, self._crc = self._sound[-1].end, self._sound[-1].crc
            self._file.truncate(self._end)
            self._file.seek(self._end)

    def _ending(self) -> bytes:
        """Data end, summary, footer and magic for what the file holds now."""
        data_end = _bytes_of(DataEnd(self._crc))
        start = self._end + len(data_end)
        builder, offsets = RecordBuilder(), list[SummaryOffset]()
        chunks = [sound.index for sound in self._sound if sound.index is not None]
        attachments = [sound.attachment for sound in self._sound if sound.attachment is not None]
        groups = (
            (Opcode.SCHEMA, self._schemas.values()),
            (Opcode.CHANNEL, self._channels.values()),
            (Opcode.STATISTICS, (self._statistics(chunks, len(attachments)),)),
            (Opcode.CHUNK_INDEX, chunks),
            (Opcode.ATTACHMENT_INDEX, attachments),
        )
        for opcode, records in groups:
            first = builder.count
            for record in records:
                record.write(builder)
            if builder.count > first:
                offsets.append(SummaryOffset(opcode, start + first, builder.count - first))
        offsets_start = start + builder.count
        for offset in offsets:
            offset.write(builder)
        summary = builder.end()
        fields = struct.pack("<BQQQ", Opcode.FOOTER, 8 + 8 + 4, start, offsets_start)
        footer = Footer(start, offsets_start, zlib.crc32(fields, zlib.crc32(summary)))
        return data_end + summary + _bytes_of(footer) + MAGIC

    def _statistics(self, chunks: list[ChunkIndex], attachments: int) -> Statistics:
        counts: Counter[int] = Counter()
        for sound in self._sound:
            counts.update(dict(sound.counts))
        return Statistics(
            attachment_count=attachments,
            channel_count=len(self._channels),
            channel_message_counts=dict(counts),
            chunk_count=len(chunks),
            message_count=counts.total(),
            message_end_time=max((chunk.message_end_time for chunk in chunks), default=0),
            message_start_time=min((chunk.message_start_time for chunk in chunks), default=0),
            metadata_count=0,
            schema_count=len(self._schemas),
        )


def _bytes_of(record: Schema | Channel | Attachment | DataEnd | Footer) -> bytes:
    builder = RecordBuilder()
    record.write(builder)
    return builder.end()
