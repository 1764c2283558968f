"""Logs with something changed in them, whole again by every checksum, as an editor of the file would leave them."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mcap.reader import make_reader
from mcap.writer import Writer

Change = Callable[[str, dict[str, Any]], Sequence[dict[str, Any]] | None]


def rewritten(log: Path, to: Path, change: Change) -> Path:
    """A copy in which each JSON message is replaced by those that `change(topic, values)` gives; None keeps it."""
    with log.open("rb") as file, to.open("wb") as out:
        reader, writer = make_reader(file), Writer(out)
        writer.start(profile="robot_wm", library="edited")
        channels: dict[int, int] = {}
        for schema, channel, message in reader.iter_messages(log_time_order=False):
            if channel.id not in channels:
                assert schema is not None
                number = writer.register_schema(schema.name, schema.encoding, schema.data)
                channels[channel.id] = writer.register_channel(channel.topic, channel.message_encoding, number)
            for data in _changed(channel.topic, channel.message_encoding, message.data, change):
                where, sequence = channels[channel.id], message.sequence
                writer.add_message(where, message.log_time, data, message.publish_time, sequence)
        for attached in reader.iter_attachments():
            writer.add_attachment(0, 0, attached.name, attached.media_type, attached.data)
        writer.finish()
    return to


def _changed(topic: str, encoding: str, data: bytes, change: Change) -> Sequence[bytes]:
    if encoding != "json":
        return [data]
    after = change(topic, json.loads(data))
    return [data] if after is None else [json.dumps(values).encode() for values in after]


def edit_tick(place: int, edit: Callable[[dict[str, Any]], None]) -> Change:
    """Edit the tick at a place in the file, from 0."""
    seen = [-1]

    def change(topic: str, values: dict[str, Any]) -> Sequence[dict[str, Any]] | None:
        seen[0] += topic == "/tick"
        if topic != "/tick" or seen[0] != place:
            return None
        edit(values)
        return [values]

    return change


def flip_one_bit(weights: Path, to: Path) -> Path:
    """A copy of a safetensors file with the lowest bit of one weight flipped."""
    data = bytearray(weights.read_bytes())
    header = int.from_bytes(data[:8], "little")
    middle = 8 + header + (len(data) - 8 - header) // 4 * 2  # the low byte of a half-precision number
    data[middle] ^= 1
    to.write_bytes(bytes(data))
    return to
