"""MCAP files as others record them: ROS 2 bags and Foxglove's schemas, written with the public libraries.

An SO-101 for two seconds: joint states at 50 Hz, commands at 20 Hz, cameras at 15 Hz. Joint k is at k / 10 + t / 5
rad, its command at 0.01 rad more. A picture taken at t is of shade 100 t.
"""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from foxglove_schemas_protobuf.CompressedImage_pb2 import CompressedImage
from foxglove_schemas_protobuf.JointState_pb2 import JointState
from foxglove_schemas_protobuf.JointStates_pb2 import JointStates
from google.protobuf.timestamp_pb2 import Timestamp
from mcap.writer import CompressionType
from mcap.writer import Writer as JsonWriter
from mcap_protobuf.writer import Writer as ProtobufWriter
from mcap_ros2.writer import Writer as Ros2Writer

JOINTS = ("shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll", "gripper")
SECONDS = 2.0
EPOCH_S = 1_700_000_000.0
LATE_S = 0.05  # from capture to the log
STATES, COMMANDS = "/joint_states", "/joint_commands"
CAMERAS = {"/overview/image_raw/compressed": (48, 64), "/wrist/image_raw/compressed": (32, 32)}


@dataclass(frozen=True)
class Event:
    """One message, whatever form it gets."""

    topic: str
    at_s: float  # since the recording's first instant
    position: np.ndarray | None = None  # (6,)
    jpeg: bytes = b""


def q_rad(at_s: float) -> np.ndarray:
    """(6,), the last one the gripper's joint."""
    return np.arange(6) / 10.0 + at_s / 5.0


def shade(at_s: float) -> int:
    return round(100 * at_s)


def events() -> list[Event]:
    """In the order in which they were logged."""
    found = [Event(STATES, k / 50.0, q_rad(k / 50.0)) for k in range(int(50 * SECONDS) + 1)]
    found += [Event(COMMANDS, k / 20.0, q_rad(k / 20.0) + 0.01) for k in range(int(20 * SECONDS))]
    for topic, size in CAMERAS.items():
        for k in range(int(15 * SECONDS) + 1):
            pixels = np.full((*size, 3), shade(k / 15.0), np.uint8)
            found.append(Event(topic, k / 15.0, jpeg=cv2.imencode(".jpg", pixels)[1].tobytes()))
    return sorted(found, key=lambda event: event.at_s)


def ros2(path: Path, change: Callable[[list[Event]], list[Event]] = lambda every: every, stamped: bool = True) -> Path:
    """A ROS 2 bag; not `stamped`, with headers that nobody filled in."""
    with path.open("wb") as file:
        writer = Ros2Writer(file, chunk_size=8192)
        image = writer.register_msgdef("sensor_msgs/msg/CompressedImage", _COMPRESSED_IMAGE)
        joints = writer.register_msgdef("sensor_msgs/msg/JointState", _JOINT_STATE)
        for event in change(events()):
            ns = int((EPOCH_S + event.at_s) * 1e9)
            stamp = {"sec": ns // 10**9, "nanosec": ns % 10**9} if stamped else {"sec": 0, "nanosec": 0}
            header = {"stamp": stamp, "frame_id": "base"}
            if event.position is None:
                message: dict = {"header": header, "format": "jpeg", "data": event.jpeg}
            else:
                position = event.position.tolist()
                message = {"header": header, "name": list(JOINTS), "position": position, "velocity": [], "effort": []}
            log_ns = ns + int(LATE_S * 1e9)
            writer.write_message(event.topic, image if event.position is None else joints, message, log_ns, log_ns)
        writer.finish()
    return path


def foxglove(path: Path) -> Path:
    """Foxglove's schemas in protobuf."""
    with path.open("wb") as file, ProtobufWriter(file) as writer:
        for event in events():
            ns = int((EPOCH_S + event.at_s) * 1e9)
            stamp = Timestamp(seconds=ns // 10**9, nanos=ns % 10**9)
            if event.position is None:
                message: CompressedImage | JointStates = CompressedImage(
                    timestamp=stamp, data=event.jpeg, format="jpeg"
                )
            else:
                states = [JointState(name=name, position=q) for name, q in zip(JOINTS, event.position, strict=True)]
                message = JointStates(timestamp=stamp, joints=states)
            log_ns = ns + int(LATE_S * 1e9)
            writer.write_message(event.topic, message, log_ns, log_ns)
    return path


def foxglove_json(path: Path) -> Path:
    """Foxglove's schemas in JSON, as its bridges write them."""
    with path.open("wb") as file:
        writer = JsonWriter(file, compression=CompressionType.NONE)
        writer.start("test", "test")
        schemas = {
            name: writer.register_schema(f"foxglove.{name}", "jsonschema", b"{}")
            for name in ("JointStates", "CompressedImage")
        }
        channels: dict[str, int] = {}
        for event in events():
            ns = int((EPOCH_S + event.at_s) * 1e9)
            kind = "CompressedImage" if event.position is None else "JointStates"
            if event.topic not in channels:
                channels[event.topic] = writer.register_channel(event.topic, "json", schemas[kind])
            body: dict = {"timestamp": {"sec": ns // 10**9, "nsec": ns % 10**9}}
            if event.position is None:
                body |= {"data": base64.b64encode(event.jpeg).decode(), "format": "jpeg"}
            else:
                body["joints"] = [
                    {"name": n, "position": float(q)} for n, q in zip(JOINTS, event.position, strict=True)
                ]
            writer.add_message(channels[event.topic], ns, json.dumps(body).encode(), ns)
        writer.finish()
    return path


def numbered(every: list[Event], topic: str) -> Iterator[int]:
    """Where the events of a topic are."""
    return (k for k, event in enumerate(every) if event.topic == topic)


_HEADER = """================================================================================
MSG: std_msgs/Header
builtin_interfaces/Time stamp
string frame_id
================================================================================
MSG: builtin_interfaces/Time
int32 sec
uint32 nanosec
"""
_COMPRESSED_IMAGE = "std_msgs/Header header\nstring format\nuint8[] data\n" + _HEADER
_JOINT_STATE = (
    "std_msgs/Header header\nstring[] name\nfloat64[] position\nfloat64[] velocity\nfloat64[] effort\n" + _HEADER
)
