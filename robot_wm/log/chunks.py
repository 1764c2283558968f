"""One chunk of an MCAP file: extracted from possibly damaged bytes, checked, and split into its records."""

import mmap
import struct
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import lz4.frame
import zstandard
from mcap.data_stream import ReadDataStream
from mcap.exceptions import McapError
from mcap.opcode import Opcode
from mcap.records import Channel, Schema

CHUNK_MAX = 1 << 28  # bytes; a chunk with a larger uncompressed size counts as damaged
HEAD = struct.Struct("<BQ")  # opcode and length of any record
_FIELDS = struct.Struct("<QQQII")  # first time, last time, unpacked size, CRC, length of the compression's name
_MESSAGE = struct.Struct("<HIQQ")  # channel, sequence, log time, publish time
_MESSAGE_INDEX = struct.Struct("<QQ")
TO_NAME = HEAD.size + _FIELDS.size  # bytes from a chunk record's start to the name of its compression
ANCHORS = (b"\x04\x00\x00\x00zstd", b"\x03\x00\x00\x00lz4")  # encoded names of compressions


class DamagedError(Exception):
    """The bytes are malformed; the message says why."""


@dataclass(frozen=True)
class RawMessage:
    """One message of a chunk."""

    channel: int
    sequence: int
    log_time_ns: int
    publish_time_ns: int
    data: bytes


@dataclass(frozen=True)
class Chunk:
    """A chunk with a correct checksum."""

    start: int  # offset of its record in the file
    end: int
    plain: bytes
    checked: bool  # False if its writer left out the checksum

    def definitions(self) -> Iterator[Schema | Channel]:
        """Yield its schemas and channels. Raises DamagedError."""
        for opcode, start, end in _records(self.plain):
            if opcode in (Opcode.SCHEMA, Opcode.CHANNEL):
                yield definition(opcode, self.plain[start:end])

    def messages(self) -> Iterator[RawMessage]:
        """Yield its messages in order. Raises DamagedError."""
        for opcode, start, end in _records(self.plain):
            if opcode == Opcode.MESSAGE:
                if end - start < _MESSAGE.size:
                    raise DamagedError("a message is too short")
                channel, sequence, log_time_ns, publish_time_ns = _MESSAGE.unpack_from(self.plain, start)
                data = self.plain[start + _MESSAGE.size : end]
                yield RawMessage(channel, sequence, log_time_ns, publish_time_ns, data)

    def indices(self) -> dict[int, bytes]:
        """Return the expected message index of each channel, as bytes."""
        found: dict[int, list[bytes]] = defaultdict(list)
        for opcode, start, _ in _records(self.plain):
            if opcode == Opcode.MESSAGE:
                channel, _, log_time_ns, _ = _MESSAGE.unpack_from(self.plain, start)
                found[channel].append(_MESSAGE_INDEX.pack(log_time_ns, start - HEAD.size))
        return {channel: b"".join(rows) for channel, rows in found.items()}


def chunk_at(data: "bytes | mmap.mmap", start: int) -> Chunk:
    """Return the chunk whose record begins at `start`, ignoring opcode and outer length. Raises DamagedError."""
    if start + TO_NAME > len(data):
        raise DamagedError("the file ends in a chunk's header")
    _, _, size, crc, name_length = _FIELDS.unpack_from(data, start + HEAD.size)
    packed_at = start + TO_NAME + name_length + 8
    if name_length > 16 or packed_at > len(data):
        raise DamagedError("a chunk's header is malformed")
    name = bytes(data[start + TO_NAME : packed_at - 8])
    (packed_length,) = struct.unpack_from("<Q", data, packed_at - 8)
    if packed_at + packed_length > len(data):
        raise DamagedError("the file ends in a chunk")
    plain = _unpacked(name, bytes(data[packed_at : packed_at + packed_length]), size)
    if crc not in (0, zlib.crc32(plain)):
        raise DamagedError("CRC error in a chunk")
    return Chunk(start, packed_at + packed_length, plain, crc != 0)


def definition(opcode: int, content: bytes) -> Schema | Channel:
    """Parse a schema or channel from a record's content. Raises DamagedError."""
    kind = Schema if opcode == Opcode.SCHEMA else Channel
    try:
        return kind.read(stream_of(content))
    except (struct.error, McapError, UnicodeDecodeError) as error:
        raise DamagedError("a definition is malformed") from error


def stream_of(content: bytes) -> ReadDataStream:
    """Wrap bytes for the `mcap` package."""
    return ReadDataStream(BytesIO(content))


def _records(plain: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield opcode, start and end of each record's content."""
    position = 0
    while position < len(plain):
        if position + HEAD.size > len(plain):
            raise DamagedError("a chunk ends in a record's header")
        opcode, length = HEAD.unpack_from(plain, position)
        start = position + HEAD.size
        position = start + length
        if position > len(plain):
            raise DamagedError("a chunk ends in a record")
        yield opcode, start, position


def _unpacked(name: bytes, packed: bytes, size: int) -> bytes:
    if size > CHUNK_MAX:
        raise DamagedError(f"a chunk claims to hold {size} bytes")
    try:
        plain = _UNPACK[name](packed, size)
    except KeyError as error:
        raise DamagedError(f"a chunk's compression {name!r} is unknown") from error
    except (zstandard.ZstdError, RuntimeError, EOFError) as error:
        raise DamagedError("CRC error in a chunk: it cannot be unpacked") from error
    if len(plain) != size:
        raise DamagedError("CRC error in a chunk: it unpacks to another size")
    return plain


def _from_zstd(packed: bytes, size: int) -> bytes:
    if zstandard.frame_content_size(packed) not in (-1, size):
        raise DamagedError("CRC error in a chunk: two sizes disagree")
    unpacker = zstandard.ZstdDecompressor().decompressobj()
    plain = unpacker.decompress(packed)
    if unpacker.unused_data or not unpacker.eof:
        raise DamagedError("CRC error in a chunk: its length is wrong")
    return plain


def _from_lz4(packed: bytes, size: int) -> bytes:
    return lz4.frame.LZ4FrameDecompressor().decompress(packed, max_length=size + 1)


_UNPACK = {b"zstd": _from_zstd, b"lz4": _from_lz4, b"": lambda packed, size: packed}
