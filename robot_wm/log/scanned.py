"""The sound contents of an MCAP file: channels, attachments and messages. Knows nothing of what the messages mean."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mcap.records import Channel, Schema

from robot_wm.log.chunks import RawMessage, chunk_at


@dataclass(frozen=True)
class Message:
    """One message and the properties of its channel."""

    channel: int  # its number in this file
    topic: str
    schema: str  # its name
    encoding: str  # of the message
    sequence: int
    log_time_ns: int
    publish_time_ns: int
    data: bytes


@dataclass(frozen=True)
class Scan:
    """The intact contents of a file."""

    path: Path
    size: int  # bytes
    library: str  # that wrote it
    closed: bool  # has the ending that a finished file has
    damage: tuple[str, ...]  # problems, one line each
    lost_bytes: int  # without a correct checksum
    spans: tuple[tuple[int, int], ...]  # intact chunks
    schemas: Mapping[int, Schema]
    channels: Mapping[int, Channel]
    attachments: tuple[tuple[str, bytes], ...]  # name, content

    def chunks(self) -> Iterator[list[Message]]:
        """Yield the messages of each intact chunk, in file order."""
        with self.path.open("rb") as file:
            for start, end in self.spans:
                file.seek(start)
                chunk = chunk_at(file.read(end - start), 0)
                yield [self._named(raw.channel, raw) for raw in chunk.messages() if raw.channel in self.channels]

    def messages(self) -> Iterator[Message]:
        """Yield every intact message, in file order."""
        for chunk in self.chunks():
            yield from chunk

    def _named(self, number: int, raw: RawMessage) -> Message:
        channel = self.channels[number]
        schema = self.schemas.get(channel.schema_id)
        name = "" if schema is None else schema.name
        stamps = (raw.sequence, raw.log_time_ns, raw.publish_time_ns)
        return Message(number, channel.topic, name, channel.message_encoding, *stamps, raw.data)
