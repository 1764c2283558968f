"""The JSON schemas of a log's own messages, and where Foxglove's protobuf schemas come from."""

import json
from collections.abc import Mapping
from typing import Any

from foxglove_schemas_protobuf.CompressedImage_pb2 import CompressedImage
from foxglove_schemas_protobuf.JointStates_pb2 import JointStates
from foxglove_schemas_protobuf.Log_pb2 import Log
from foxglove_schemas_protobuf.SceneUpdate_pb2 import SceneUpdate

from robot_wm.log.foxglove import schema_of

_PROTOBUF = {kind.DESCRIPTOR.full_name: kind for kind in (CompressedImage, JointStates, Log, SceneUpdate)}
_NUMBER: Mapping[str, Any] = {"type": ["number", "string"]}  # "NaN", "Infinity" and "-Infinity" are texts
_TEXT, _WHOLE, _TRUTH = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
_ANY: Mapping[str, Any] = {"type": "object"}


def _object(**fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields)}


def _list(each: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": each}


def _maybe(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


_NUMBERS = _list(_NUMBER)
_ARRAY = _object(dtype=_TEXT, shape=_list(_WHOLE), base64=_TEXT)
_STAMP = _object(clock_s=_NUMBER, monotonic_s=_NUMBER, wall_ns=_WHOLE)
_STATE = _object(q_rad=_NUMBERS, dq_rad_s=_NUMBERS, effort=_maybe(_NUMBERS), gripper=_NUMBER, stamp_s=_NUMBER)
_COMMAND = _object(q_rad=_NUMBERS, gripper=_NUMBER, stamp_s=_NUMBER, limited=_list(_TEXT))
_SENT = _object(q_rad=_NUMBERS, gripper=_NUMBER, stamp_s=_NUMBER, limited=_list(_TEXT), allowed=_maybe(_COMMAND))
_TARGET = _object(q_rad=_NUMBERS, gripper=_NUMBER)
_FRAMES = {"type": "object", "additionalProperties": _object(sequence=_WHOLE, stamp_s=_NUMBER)}
_SEEN = {
    "state": _STATE,
    "in_force": _COMMAND,
    "frames": _FRAMES,
    "simulator": _maybe(_ARRAY),
    "digest": _TEXT,
}
_DECISION = _object(
    action=_NUMBERS, steps_to_goal=_NUMBER, done_probability=_NUMBER, plan_ms=_NUMBER, source=_TEXT, planned=_TRUTH
)
_GOAL = _object(point=_NUMBERS, origin=_TEXT, confidence=_NUMBER, words=_TEXT, details=_ANY)

JSON: Mapping[str, Mapping[str, Any]] = {
    "robot_wm.Session": _object(
        format=_TEXT,
        command=_TEXT,
        arm=_TEXT,
        arm_spec=_ANY,
        cameras=_list(_ANY),
        began=_STAMP,
        policy=_ANY,
        scene=_maybe(_ANY),
        calibration=_maybe(_ANY),
        versions=_ANY,
        model_sha256=_TEXT,
        dt_s=_NUMBER,
        extra=_ANY,
    ),
    "robot_wm.Instruction": _object(
        stamp=_STAMP, text=_TEXT, tasks=_list(_ANY), words=_TEXT, confidence=_NUMBER, refused=_TRUTH
    ),
    "robot_wm.Look": _object(stamp=_STAMP, purpose=_TEXT, **_SEEN),
    "robot_wm.Goal": _object(stamp=_STAMP, number=_WHOLE, task=_ANY, goal=_maybe(_GOAL)),
    "robot_wm.Tick": _object(
        stamp=_STAMP,
        goal=_WHOLE,
        number=_WHOLE,
        **_SEEN,
        decision=_DECISION,
        held=_TEXT,
        target=_TARGET,
        sent=_SENT,
        decision_ms=_NUMBER,
    ),
    "robot_wm.Plan": _object(
        stamp=_STAMP,
        goal=_WHOLE,
        number=_WHOLE,
        chunk=_list(_NUMBERS),
        cost=_NUMBER,
        prior_cost=_NUMBER,
        costs=_NUMBERS,
        iterations=_WHOLE,
        spread=_NUMBER,
        imagined=_ARRAY,
    ),
    "robot_wm.Result": _object(stamp=_STAMP, goal=_WHOLE, done=_TRUTH, already_done=_TRUTH, judged_by=_TEXT),
    "robot_wm.State": _object(
        stamp=_STAMP, q_rad=_NUMBERS, dq_rad_s=_NUMBERS, effort=_maybe(_NUMBERS), gripper=_NUMBER
    ),
    "robot_wm.Command": _object(stamp=_STAMP, purpose=_TEXT, target=_TARGET, sent=_SENT),
    "robot_wm.Bus": _object(stamp=_STAMP, direction={"enum": ["sent", "received"]}, data=_TEXT),
}


def schema(name: str) -> tuple[str, bytes]:
    """Encoding and bytes of the schema with this name, as MCAP keeps them."""
    if name in _PROTOBUF:
        return "protobuf", schema_of(_PROTOBUF[name])
    described = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": name, **JSON[name]}
    return "jsonschema", json.dumps(described, separators=(",", ":")).encode()
