"""What each JSON message of a log holds: every field once, with its codec. Schema, encoding and decoding follow.

To log one more thing, add a field with a default to its dataclass in `entries` and a row here. A row may be added but
neither renamed nor removed: logs of earlier versions are read by the same table.
"""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from robot_wm.log import topics
from robot_wm.log.codecs import (
    ANY,
    ARRAY,
    BYTES,
    NUMBER,
    NUMBERS,
    NUMBERS_32,
    OBJECTS,
    ROWS_32,
    TEXT,
    TEXTS,
    TRUTH,
    WHOLE,
    Codec,
    Record,
    maybe,
    record,
)
from robot_wm.log.entries import (
    LogBytes,
    LogCommand,
    LogDecision,
    LogGoal,
    LogHeader,
    LogInstruction,
    LogLook,
    LogResult,
    LogState,
    LogTick,
    Stamp,
)
from robot_wm.types import ArmCommand, ArmState, ArmTarget, Goal, PlanRecord

_OLD_SOURCES = {"detour": "recovery"}  # who decided, as logs of version 1 call it
_SOURCE = Codec(TEXT.schema, TEXT.encode, lambda source: _OLD_SOURCES.get(source, source))

STAMP = record(Stamp, clock_s=NUMBER, monotonic_s=NUMBER, wall_ns=WHOLE).codec
STATE = record(ArmState, q_rad=NUMBERS, dq_rad_s=NUMBERS, effort=maybe(NUMBERS), gripper=NUMBER, stamp_s=NUMBER).codec
_COMMAND_FIELDS = {"q_rad": NUMBERS, "gripper": NUMBER, "stamp_s": NUMBER, "limited": TEXTS}
COMMAND = record(ArmCommand, **_COMMAND_FIELDS).codec
SENT = record(ArmCommand, **_COMMAND_FIELDS, allowed=maybe(COMMAND)).codec
TARGET = record(ArmTarget, q_rad=NUMBERS, gripper=NUMBER).codec
GOAL_POINT = record(Goal, point=NUMBERS_32, origin=TEXT, confidence=NUMBER, words=TEXT, details=ANY).codec
PLAN_FIELDS = {
    "chunk": ROWS_32,
    "cost": NUMBER,
    "prior_cost": NUMBER,
    "costs": NUMBERS_32,
    "iterations": WHOLE,
    "spread": NUMBER,
    "imagined": ARRAY,
}
PLAN_RECORD = record(PlanRecord, **PLAN_FIELDS)
_FRAME = record(dict, sequence=WHOLE, stamp_s=NUMBER)
FRAMES = Codec({"type": "object", "additionalProperties": _FRAME.schema}, dict, dict)  # by camera

_SEEN = {
    "state": (STATE, attrgetter("observation.state")),
    "in_force": (COMMAND, attrgetter("observation.sent")),
    "frames": (FRAMES, None),  # pictures have channels of their own; this says which of them were seen
    "simulator": maybe(ARRAY),
    "digest": (TEXT, None),
}
_DECISION = record(
    LogDecision,
    action=NUMBERS,
    steps_to_goal=NUMBER,
    done_probability=NUMBER,
    plan_ms=NUMBER,
    source=_SOURCE,
    planned=(TRUTH, lambda decision: decision.plan is not None),  # the plan is a message of its own, just before
)

SESSION = record(  # encoded and decoded by `robot_wm.config`
    LogHeader,
    format=TEXT,
    command=TEXT,
    arm=TEXT,
    arm_spec=ANY,
    cameras=OBJECTS,
    began=STAMP,
    policy=ANY,
    scene=maybe(ANY),
    calibration=maybe(ANY),
    versions=ANY,
    model_sha256=TEXT,
    dt_s=NUMBER,
    extra=ANY,
)
INSTRUCTION = record(
    LogInstruction, stamp=STAMP, text=TEXT, tasks=OBJECTS, words=TEXT, confidence=NUMBER, refused=TRUTH
)
LOOK = record(LogLook, stamp=STAMP, purpose=TEXT, **_SEEN)
GOAL = record(LogGoal, stamp=STAMP, number=WHOLE, task=ANY, goal=maybe(GOAL_POINT))
TICK = record(
    LogTick,
    stamp=STAMP,
    goal=WHOLE,
    number=WHOLE,
    **_SEEN,
    decision=Codec(_DECISION.schema, _DECISION.encode, _DECISION.values),
    held=TEXT,
    target=TARGET,
    sent=SENT,
    decision_ms=NUMBER,
)
PLAN = record(
    dict,
    stamp=STAMP,
    goal=WHOLE,
    number=WHOLE,
    **{key: (codec, attrgetter(f"decision.plan.{key}")) for key, codec in PLAN_FIELDS.items()},
)
RESULT = record(LogResult, stamp=STAMP, goal=WHOLE, done=TRUTH, already_done=TRUTH, judged_by=TEXT)
MEASURED = record(LogState, stamp=STAMP, q_rad=NUMBERS, dq_rad_s=NUMBERS, effort=maybe(NUMBERS), gripper=NUMBER)
OUTSIDE = record(LogCommand, stamp=STAMP, purpose=TEXT, target=TARGET, sent=SENT)
BUS = record(
    LogBytes,
    stamp=STAMP,
    direction=Codec({"enum": ["sent", "received"]}, TEXT.encode, TEXT.decode),
    data=BYTES,
)

RECORDS: Mapping[str, Record] = {
    topics.SESSION: SESSION,
    topics.INSTRUCTION: INSTRUCTION,
    topics.LOOK: LOOK,
    topics.GOAL: GOAL,
    topics.TICK: TICK,
    topics.PLAN: PLAN,
    topics.RESULT: RESULT,
    topics.STATE: MEASURED,
    topics.COMMAND: OUTSIDE,
    topics.BUS: BUS,
}
WHOLE_ENTRIES: Mapping[type, str] = {  # entries that are one message each, and nothing but that
    LogInstruction: topics.INSTRUCTION,
    LogGoal: topics.GOAL,
    LogResult: topics.RESULT,
    LogState: topics.STATE,
    LogCommand: topics.COMMAND,
    LogBytes: topics.BUS,
}


def json_schema(topic: str, name: str) -> dict[str, Any]:
    """Return the JSON schema of a topic's messages under the schema's `name`."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": name, **RECORDS[topic].schema}
