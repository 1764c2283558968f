"""Decodes joint states and compressed pictures of common message types to one form.

ROS 2 (CDR) `sensor_msgs/msg/JointState`, `sensor_msgs/msg/CompressedImage`; Foxglove (protobuf or JSON)
`foxglove.JointStates`, `foxglove.CompressedImage`. Knows no files.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from mcap.records import Schema
from mcap_protobuf.decoder import DecoderFactory as ProtobufDecoders
from mcap_ros2.decoder import DecoderFactory as Ros2Decoders

from robot_wm.errors import DatasetError


@dataclass(frozen=True)
class JointMessage:
    """One joint-state message; a list is empty where the message has none."""

    stamp_s: float  # in the message's header
    names: tuple[str, ...]
    position: tuple[float, ...]
    velocity: tuple[float, ...]


@dataclass(frozen=True)
class PictureMessage:
    """One compressed picture."""

    stamp_s: float
    data: bytes  # JPEG, PNG, WebP


Message = JointMessage | PictureMessage
Decode = Callable[[bytes], Message]


def decoder(encoding: str, schema: Schema | None) -> Decode | None:
    """Return a decoder of a channel's messages; None if the message type is not supported."""
    if schema is None or schema.name not in _FORMS:
        return None
    reads, shape = _FORMS[schema.name]
    if reads == "foxglove" and encoding == "json":
        return partial(_json, shape)
    made = (Ros2Decoders() if encoding == "cdr" else ProtobufDecoders()).decoder_for(encoding, schema)
    return None if made is None else partial(_decoded, made, shape)


def _decoded(decode: Callable[[bytes], Any], shape: Callable[[Any], Message], data: bytes) -> Message:
    try:
        return shape(decode(data))
    except Exception as error:  # third-party decoders raise arbitrary exceptions on malformed bytes
        raise DatasetError(f"a message cannot be decoded: {type(error).__name__}: {error}") from error


def _json(shape: Callable[[Any], Message], data: bytes) -> Message:
    return _decoded(lambda raw: _Record(json.loads(raw)), shape, data)


class _Record:
    """JSON objects with attributes, so that protobuf and JSON are read alike."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getattr__(self, name: str) -> Any:
        value = self._values.get(name)
        if isinstance(value, Mapping):
            return _Record(value)
        if isinstance(value, list):
            return [_Record(each) if isinstance(each, Mapping) else each for each in value]
        return value

    def HasField(self, name: str) -> bool:  # noqa: N802 - protobuf's name
        return self._values.get(name) is not None


def _ros_joints(message: Any) -> JointMessage:
    return JointMessage(
        _ros_stamp(message), tuple(message.name), tuple(message.position), tuple(getattr(message, "velocity", ()))
    )


def _ros_picture(message: Any) -> PictureMessage:
    return PictureMessage(_ros_stamp(message), bytes(message.data))


def _ros_stamp(message: Any) -> float:
    return message.header.stamp.sec + 1e-9 * message.header.stamp.nanosec


def _foxglove_joints(message: Any) -> JointMessage:
    joints = list(message.joints)
    every = lambda field: (  # noqa: E731
        tuple(float(getattr(each, field)) for each in joints) if all(each.HasField(field) for each in joints) else ()
    )
    return JointMessage(
        _foxglove_stamp(message), tuple(each.name for each in joints), every("position"), every("velocity")
    )


def _foxglove_picture(message: Any) -> PictureMessage:
    data = message.data
    return PictureMessage(_foxglove_stamp(message), base64.b64decode(data) if isinstance(data, str) else bytes(data))


def _foxglove_stamp(message: Any) -> float:
    """Return the stamp; protobuf has seconds and nanos, JSON sec and nsec."""
    stamp = message.timestamp
    if isinstance(stamp, _Record):
        return float(stamp.sec or 0) + 1e-9 * float(stamp.nsec or 0)
    return stamp.seconds + 1e-9 * stamp.nanos


_FORMS: Mapping[str, tuple[str, Callable[[Any], Message]]] = {
    "sensor_msgs/msg/JointState": ("ros2", _ros_joints),
    "sensor_msgs/msg/CompressedImage": ("ros2", _ros_picture),
    "foxglove.JointStates": ("foxglove", _foxglove_joints),
    "foxglove.CompressedImage": ("foxglove", _foxglove_picture),
}
