"""Read MCAP files of other programs message by message in file order, with checksums, up to where they are intact."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mcap.exceptions import EndOfFile, InvalidMagic, McapError
from mcap.records import Channel, Schema
from mcap.records import Message as McapMessage
from mcap.stream_reader import StreamReader

from robot_wm.errors import DatasetError, UnknownNameError
from robot_wm.exchange.mcap_messages import Decode, Message, decoder
from robot_wm.log.container import MAGIC


@dataclass(frozen=True)
class Read:
    """One decoded message, and the two timestamps of the container."""

    topic: str
    message: Message
    log_s: float
    publish_s: float

    def stamp_s(self, clock: str) -> float:
        """Return the message's time by "header", "publish" or "log"."""
        return {"header": self.message.stamp_s, "publish": self.publish_s, "log": self.log_s}[clock]


def is_mcap(path: Path) -> bool:
    """Return whether a file starts like an MCAP file."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def has_schema(path: Path, start: str) -> bool:
    """Return whether a schema whose name starts with `start` precedes the first message."""
    for record in _records(path, []):
        if isinstance(record, Schema) and record.name.startswith(start):
            return True
        if isinstance(record, McapMessage):
            return False
    return False


def topics(path: Path) -> dict[str, str]:
    """Return the topics of a file with the names of their schemas."""
    schemas: dict[int, str] = {}
    found: dict[str, str] = {}
    for record in _records(path, []):
        if isinstance(record, Schema):
            schemas[record.id] = record.name
        elif isinstance(record, Channel):
            found[record.topic] = schemas.get(record.schema_id, "no schema")
    return found


def messages(path: Path, wanted: frozenset[str], notes: list[str]) -> Iterator[Read]:
    """Yield the messages of the `wanted` topics. A truncated file is read up to its end, with an entry in `notes`.

    Raises:
        DatasetError: a checksum is wrong, or a message does not match its schema.
    """
    schemas: dict[int, Schema] = {}
    channels: dict[int, tuple[str, Decode]] = {}
    for record in _records(path, notes):
        if isinstance(record, Schema):
            schemas[record.id] = record
        elif isinstance(record, Channel) and record.topic in wanted:
            channels[record.id] = (record.topic, _decode(path, record, schemas.get(record.schema_id)))
        elif isinstance(record, McapMessage) and record.channel_id in channels:
            topic, decode = channels[record.channel_id]
            yield Read(topic, decode(record.data), 1e-9 * record.log_time, 1e-9 * record.publish_time)


def require_topics(path: Path, wanted: frozenset[str]) -> None:
    """Raise UnknownNameError if the file lacks a topic."""
    known = topics(path)
    for topic in sorted(wanted):
        if topic not in known:
            raise UnknownNameError("topic", topic, known, f"(in {path}) Correct the mapping.")


def _decode(path: Path, channel: Channel, schema: Schema | None) -> Decode:
    made = decoder(channel.message_encoding, schema)
    if made is None:
        name = "no schema" if schema is None else schema.name
        raise DatasetError(
            f"{path}: topic {channel.topic!r} has {name} in {channel.message_encoding!r}; joint states and compressed "
            "images of ROS 2 (cdr) and Foxglove (protobuf, json) can be read"
        )
    return made


def _records(path: Path, notes: list[str]) -> Iterator[object]:
    try:
        with path.open("rb") as file:
            yield from StreamReader(file, validate_crcs=True).records
    except InvalidMagic as error:
        raise DatasetError(f"{path} is not an MCAP file; give an MCAP file or a LeRobotDataset folder") from error
    except EndOfFile:
        notes.append(f"{path} is truncated; read up to there")
    except (McapError, OSError, ValueError) as error:
        raise DatasetError(
            f"{path} is damaged: {type(error).__name__}: {error}; recover it first: robot-wm logs recover {path}"
        ) from error
