"""Messages in Foxglove's own schemas, protobuf-encoded, so that viewers show them without configuration."""

from collections.abc import Sequence
from typing import Any, final

import cv2
import numpy as np
from foxglove_schemas_protobuf.CompressedImage_pb2 import CompressedImage
from foxglove_schemas_protobuf.JointState_pb2 import JointState
from foxglove_schemas_protobuf.JointStates_pb2 import JointStates
from foxglove_schemas_protobuf.LinePrimitive_pb2 import LinePrimitive
from foxglove_schemas_protobuf.Log_pb2 import Log
from foxglove_schemas_protobuf.SceneUpdate_pb2 import SceneUpdate
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.message import DecodeError, Message
from google.protobuf.timestamp_pb2 import Timestamp
from numpy.typing import NDArray

from robot_wm.log.png import png
from robot_wm.types import Floats

GRIPPER = "gripper"  # the last joint of a JointStates message; its position is the opening in [0, 1]
LEVELS = {"debug": 1, "info": 2, "warning": 3, "error": 4, "fatal": 5}
_LINE_M = 0.004  # thickness of the line that shows the planned path of the tool
_BASE = "base"


def schema_of(kind: type[Message]) -> bytes:
    """The schema as MCAP wants it: a FileDescriptorSet with everything it depends on."""
    files, seen = FileDescriptorSet(), set[str]()

    def add(file: Any) -> None:
        if file.name not in seen:
            seen.add(file.name)
            for other in file.dependencies:
                add(other)
            file.CopyToProto(files.file.add())

    add(kind.DESCRIPTOR.file)
    return files.SerializeToString()


@final
class JointsWriter:
    """Writes `foxglove.JointStates` of an arm's joints and its gripper, over and over into the same messages."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = (*names, GRIPPER)
        self._messages: dict[tuple[bool, bool], tuple[JointStates, list[JointState]]] = {}  # by what is known

    def states(
        self,
        time_ns: int,
        q_rad: Floats,
        gripper: float,
        dq_rad_s: Floats | None = None,
        effort: Floats | None = None,
    ) -> bytes:
        """The message for joint angles (n,), speeds (n,) and efforts (n,), where they are known."""
        message, joints = self._message((dq_rad_s is not None, effort is not None))
        message.timestamp.seconds, message.timestamp.nanos = divmod(time_ns, 1_000_000_000)
        for joint, position in zip(joints, (*q_rad.tolist(), gripper), strict=True):
            joint.position = position
        if dq_rad_s is not None:
            for joint, velocity in zip(joints, dq_rad_s.tolist(), strict=False):
                joint.velocity = velocity
        if effort is not None:
            for joint, value in zip(joints, effort.tolist(), strict=False):
                joint.effort = value
        return message.SerializeToString()

    def _message(self, known: tuple[bool, bool]) -> tuple[JointStates, list[JointState]]:
        """A message of its own for each kind, so that no field has to be cleared; and its joints."""
        if known not in self._messages:
            message = JointStates(joints=[JointState(name=name) for name in self._names])
            self._messages[known] = message, list(message.joints)
        return self._messages[known]


def picture(time_ns: int, camera: str, rgb: NDArray[np.uint8]) -> bytes:
    """`foxglove.CompressedImage`: a PNG of a picture (h, w, 3)."""
    image = CompressedImage(timestamp=_stamp(time_ns), frame_id=camera, data=png(rgb), format="png")
    return image.SerializeToString()


def picture_from(message: bytes) -> NDArray[np.uint8] | None:
    """The picture (h, w, 3) of a `foxglove.CompressedImage`; None where it holds none."""
    try:
        data = np.frombuffer(CompressedImage.FromString(message).data, dtype=np.uint8)
    except DecodeError:
        return None
    bgr = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    return None if bgr is None else cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB).astype(np.uint8)


def log(time_ns: int, level: str, words: str, origin: str) -> bytes:
    """`foxglove.Log`."""
    return Log(timestamp=_stamp(time_ns), level=LEVELS[level], message=words, name=origin).SerializeToString()  # type: ignore[arg-type]


def log_from(message: bytes) -> tuple[str, str, str]:
    """Level, words and origin of a `foxglove.Log`."""
    found = Log.FromString(message)
    level = next((name for name, number in LEVELS.items() if number == found.level), "info")
    return level, found.message, found.name


def path(time_ns: int, points_m: Floats) -> bytes:
    """`foxglove.SceneUpdate`: a line through points (t, 3) in the base frame."""
    update = SceneUpdate()
    entity = update.entities.add(timestamp=_stamp(time_ns), frame_id=_BASE, id="plan", frame_locked=False)
    line = entity.lines.add(type=LinePrimitive.LINE_STRIP, thickness=_LINE_M)
    line.pose.orientation.w = 1.0
    line.color.r, line.color.g, line.color.b, line.color.a = 0.1, 0.6, 1.0, 0.9
    for x, y, z in points_m.tolist():
        line.points.add(x=x, y=y, z=z)
    return update.SerializeToString()


def _stamp(time_ns: int) -> Timestamp:
    return Timestamp(seconds=time_ns // 1_000_000_000, nanos=time_ns % 1_000_000_000)
