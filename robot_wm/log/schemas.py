"""The schema of each channel as MCAP keeps it: JSON schemas of our own messages, protobuf ones of Foxglove's."""

import json

from foxglove_schemas_protobuf.CompressedImage_pb2 import CompressedImage
from foxglove_schemas_protobuf.JointStates_pb2 import JointStates
from foxglove_schemas_protobuf.Log_pb2 import Log
from foxglove_schemas_protobuf.SceneUpdate_pb2 import SceneUpdate

from robot_wm.log.foxglove import schema_of
from robot_wm.log.messages import json_schema
from robot_wm.log.topics import Topic

_PROTOBUF = {kind.DESCRIPTOR.full_name: kind for kind in (CompressedImage, JointStates, Log, SceneUpdate)}


def schema(topic: Topic) -> tuple[str, bytes]:
    """Return the encoding and the bytes of a channel's schema."""
    if topic.schema in _PROTOBUF:
        return "protobuf", schema_of(_PROTOBUF[topic.schema])
    return "jsonschema", json.dumps(json_schema(topic.name, topic.schema), separators=(",", ":")).encode()
