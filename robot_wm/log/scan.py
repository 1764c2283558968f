"""Read an MCAP file in any condition: complete, truncated anywhere, or damaged.

Only data with a correct checksum are used: messages of chunks and attachments whose CRC is right, definitions from such
chunks or from an intact summary. After a damaged place reading resumes at the next intact chunk. `Scan.damage` lists
all problems. Knows nothing of what the messages mean.
"""

import mmap
import struct
import zlib
from pathlib import Path

from mcap.exceptions import McapError
from mcap.opcode import Opcode
from mcap.records import Attachment, Channel, DataEnd, Footer, Header, Schema

from robot_wm.errors import LogError
from robot_wm.log.chunks import ANCHORS, HEAD, TO_NAME, Chunk, DamagedError, chunk_at, definition, stream_of
from robot_wm.log.container import MAGIC
from robot_wm.log.scanned import Message as Message
from robot_wm.log.scanned import Scan as Scan

_DATA_END = HEAD.size + 4  # bytes of that record
_FOOTER = HEAD.size + 20
_MAGIC_BYTES_RIGHT = 6  # of 8: with fewer it is not a damaged MCAP file but another format
_LOOSE = (Opcode.SCHEMA, Opcode.CHANNEL, Opcode.MESSAGE, Opcode.METADATA)  # have no checksum outside chunks


def scan(path: Path) -> Scan:
    """Scan a file.

    Raises:
        LogError: it is missing, empty or no MCAP file.
    """
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            if size == 0:
                raise LogError(f"{path} is empty: nothing was recorded, and nothing can be recovered")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _Walk(path, data).run()
    except OSError as error:
        raise LogError(f"cannot read the log {path}: {error.strerror}; give an .mcap file") from error


class _Walk:
    """Walks from record to record, and to the next intact chunk where a record is damaged."""

    def __init__(self, path: Path, data: mmap.mmap) -> None:
        self._path, self._data = path, data
        self._position = len(MAGIC)
        self._damage: list[str] = []
        self._lost = 0
        self._chunk: Chunk | None = None  # the last one
        self._expected: dict[int, bytes] = {}  # its message indexes
        self._spans: list[tuple[int, int]] = []
        self._schemas: dict[int, Schema] = {}
        self._channels: dict[int, Channel] = {}
        self._attachments: list[tuple[str, bytes]] = []
        self._library = ""
        self._closed = False

    def run(self) -> Scan:
        self._open()
        while self._position < len(self._data):
            try:
                self._record()
            except DamagedError as why:
                self._resume(str(why))
        if not self._closed:
            self._damage.append("the file has no ending: it was truncated, or its writer was killed")
        return Scan(
            self._path,
            len(self._data),
            self._library,
            self._closed,
            tuple(self._damage),
            self._lost,
            tuple(self._spans),
            self._schemas,
            self._channels,
            tuple(self._attachments),
        )

    def _open(self) -> None:
        magic = self._data[: len(MAGIC)]
        right = sum(a == b for a, b in zip(magic, MAGIC, strict=False))
        if right < min(_MAGIC_BYTES_RIGHT, len(magic)) or len(magic) < len(MAGIC):
            raise LogError(f"{self._path} is no MCAP file (it starts with {bytes(magic)!r}); give a log")
        if magic != MAGIC:
            self._damage.append("the first eight bytes are damaged")

    def _record(self) -> None:
        start, data = self._position, self._data
        if start + HEAD.size > len(data):
            raise DamagedError("the file ends in a record's head")
        opcode, length = HEAD.unpack_from(data, start)
        end = start + HEAD.size + length
        if opcode == Opcode.DATA_END and length == 4:
            return self._ending(start)
        if end > len(data):
            raise DamagedError("the file ends in a record")
        if opcode == Opcode.CHUNK:
            return self._take_chunk(start, end)
        if opcode == Opcode.MESSAGE_INDEX:
            self._check_index(start, end)
        elif opcode == Opcode.ATTACHMENT:
            self._take_attachment(start, end)
        elif opcode == Opcode.HEADER and start == len(MAGIC):
            self._take_header(data[start + HEAD.size : end])
        elif opcode not in _LOOSE or self._is_chunk(start):
            raise DamagedError(f"record {opcode:#04x} is not allowed here")
        elif opcode == Opcode.MESSAGE:
            self._lose(start, end, "a message outside any chunk has no checksum")
        self._position = end

    def _is_chunk(self, start: int) -> bool:
        return self._data[start + TO_NAME - 4 : start + TO_NAME + 4] in ANCHORS

    def _take_chunk(self, start: int, end: int) -> None:
        chunk = self._sound(start)
        if chunk is None:
            if self._ends_in_chunk(start, end):
                self._lose(start, end, "CRC error in a chunk")
                self._expected = {}
                self._position = self._after_indices(end)
                return
            raise DamagedError("a chunk's lengths disagree")
        if chunk.end != end:
            self._damage.append(f"the length of the chunk at byte {start} is wrong")
        self._keep(chunk)

    def _ends_in_chunk(self, start: int, end: int) -> bool:
        """Whether the inner length of the chunk record agrees with the outer one."""
        try:
            (name,) = struct.unpack_from("<I", self._data, start + TO_NAME - 4)
            (packed,) = struct.unpack_from("<Q", self._data, start + TO_NAME + name)
        except struct.error:
            return False
        return start + TO_NAME + name + 8 + packed == end

    def _after_indices(self, position: int) -> int:
        """Return the end of the message indexes of a lost chunk, which are useless without it."""
        data = self._data
        while position + HEAD.size <= len(data) and data[position] == Opcode.MESSAGE_INDEX:
            _, length = HEAD.unpack_from(data, position)
            if position + HEAD.size + length > len(data):
                break
            position += HEAD.size + length
        return position

    def _sound(self, start: int) -> Chunk | None:
        """Return the chunk at `start` if it is intact."""
        try:
            chunk = chunk_at(self._data, start)
            for each in chunk.definitions():
                self._check_same(each)
            for _ in chunk.messages():
                pass
        except DamagedError:
            return None
        return chunk

    def _keep(self, chunk: Chunk) -> None:
        for each in chunk.definitions():
            self._define(each)
        if not chunk.checked:
            self._damage.append(f"the chunk at byte {chunk.start} has no checksum; it is used unchecked")
        self._spans.append((chunk.start, chunk.end))
        self._expected = chunk.indices()
        self._position = chunk.end

    def _check_same(self, each: Schema | Channel) -> None:
        known = self._schemas if isinstance(each, Schema) else self._channels
        if known.get(each.id, each) != each:
            raise DamagedError(f"{type(each).__name__.lower()} {each.id} is defined twice, differently")

    def _define(self, each: Schema | Channel) -> None:
        if isinstance(each, Schema):
            self._schemas.setdefault(each.id, each)
        else:
            self._channels.setdefault(each.id, each)

    def _check_index(self, start: int, end: int) -> None:
        content = self._data[start + HEAD.size : end]
        fits = len(content) >= 6
        if fits:
            channel, length = struct.unpack_from("<HI", content)
            fits = length == len(content) - 6 and self._expected.pop(channel, None) == content[6:]
        if not fits and not self._record_follows(end):
            raise DamagedError("a message index does not fit its chunk")
        if not fits:
            self._lose(start, end, "a message index does not fit its chunk")

    def _record_follows(self, start: int) -> bool:
        """Whether a record of the data section may begin here."""
        if start + HEAD.size > len(self._data):
            return False
        opcode, length = HEAD.unpack_from(self._data, start)
        known = opcode in (Opcode.CHUNK, Opcode.MESSAGE_INDEX, Opcode.ATTACHMENT, Opcode.DATA_END)
        return known and start + HEAD.size + length <= len(self._data)

    def _take_attachment(self, start: int, end: int) -> None:
        content = self._data[start + HEAD.size : end]
        crc = int.from_bytes(content[-4:], "little")
        if len(content) < 4 or crc not in (0, zlib.crc32(content[:-4])):
            raise DamagedError("CRC error in an attachment")
        try:
            attachment = Attachment.read(stream_of(content))
        except (struct.error, McapError, UnicodeDecodeError) as error:
            raise DamagedError("an attachment is malformed") from error
        self._attachments.append((attachment.name, attachment.data))

    def _take_header(self, content: bytes) -> None:
        try:
            self._library = Header.read(stream_of(content)).library
        except (struct.error, McapError, UnicodeDecodeError) as error:
            raise DamagedError("the header is malformed") from error

    def _ending(self, start: int) -> None:
        """Data end, summary, footer and closing magic, all at once."""
        data = self._data
        if start + _DATA_END > len(data):
            raise DamagedError("the file ends in a record")
        said = DataEnd.read(stream_of(data[start + HEAD.size : start + _DATA_END])).data_section_crc
        with memoryview(data) as view, view[:start] as section:
            crc = zlib.crc32(section)
        if said not in (0, crc):
            self._damage.append("CRC error in the data section")
        footer = self._footer()
        if footer is None or footer.summary_start not in (0, start + _DATA_END):
            raise DamagedError("the summary is truncated or damaged")
        self._closed = True
        self._position = len(data)
        summary = data[start + _DATA_END : len(data) - len(MAGIC) - 4]  # up to the footer's own CRC
        if footer.summary_crc not in (0, zlib.crc32(summary)):
            self._damage.append("CRC error in the summary")
        else:
            self._define_from(summary)

    def _footer(self) -> Footer | None:
        start = len(self._data) - len(MAGIC) - _FOOTER
        if start < 0 or self._data[-len(MAGIC) :] != MAGIC:
            return None
        if HEAD.unpack_from(self._data, start) != (Opcode.FOOTER, 20):
            return None
        return Footer.read(stream_of(self._data[start + HEAD.size : start + _FOOTER]))

    def _define_from(self, summary: bytes) -> None:
        """Definitions that no chunk held."""
        position = 0
        while position + HEAD.size <= len(summary):
            opcode, length = HEAD.unpack_from(summary, position)
            position += HEAD.size + length
            if opcode in (Opcode.SCHEMA, Opcode.CHANNEL) and position <= len(summary):
                self._define(definition(opcode, summary[position - length : position]))

    def _resume(self, why: str) -> None:
        """Resume at the next intact chunk, else at the summary, else at the end."""
        start = self._position
        chunk = self._next_chunk(start)
        if chunk is not None:
            self._lose(start, chunk.start, why)
            self._keep(chunk)
            return
        footer = self._footer()
        ending = len(self._data) if footer is None else footer.summary_start - _DATA_END
        if not start < ending < len(self._data) or self._data[ending] != Opcode.DATA_END:
            ending = len(self._data)
        self._lose(start, ending, why)
        self._position = ending

    def _next_chunk(self, start: int) -> Chunk | None:
        """Return the first intact chunk at or after `start`."""
        position = start + TO_NAME - 4
        while True:
            found = [at for at in (self._data.find(anchor, position) for anchor in ANCHORS) if at >= 0]
            if not found:
                return None
            chunk = self._sound(min(found) + 4 - TO_NAME)
            if chunk is not None:
                return chunk
            position = min(found) + 1

    def _lose(self, start: int, end: int, why: str) -> None:
        self._lost += end - start
        self._damage.append(f"bytes {start} to {end} are lost: {why}")
