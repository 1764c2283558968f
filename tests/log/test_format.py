"""Laws of the log's format: it is the one that version 1 wrote, and older logs are read."""

import hashlib
import json
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from robot_wm.log import topics
from robot_wm.log.decode import Decoder
from robot_wm.log.encode import Encoder
from robot_wm.log.entries import (
    Entry,
    LogBytes,
    LogCommand,
    LogDecision,
    LogGoal,
    LogInstruction,
    LogLook,
    LogResult,
    LogState,
    LogTick,
    Stamp,
)
from robot_wm.log.messages import PLAN_RECORD, RECORDS, WHOLE_ENTRIES
from robot_wm.log.scan import Message
from robot_wm.log.schemas import schema
from robot_wm.types import ArmCommand, ArmTarget, Goal, PlanRecord
from tests.log.sessions import PARKED, REST, TASK, header, observation

STAMP = Stamp(0.1, 2.5, 1_700_000_000_000_000_000)
SCHEMAS = "09869b94123390f78f5fd7586adc4f1d651bebb71e6166295b7fdf1a1567b364"  # SHA-256 of what version 1 wrote
MESSAGES = "18806babc670aa7cbe078c03dcec12a2e887e2be67f85312df0f9b3d525122a8"


def entries() -> list[Entry]:
    """One entry of each kind, numbers that JSON has no word for included."""
    rng = np.random.default_rng(0)
    seen, state = observation(rng, 0.5), np.array([0.1, 1e-300, -0.0])
    plan = PlanRecord(
        chunk=rng.normal(size=(2, 5)).astype(np.float32),
        cost=1.5,
        prior_cost=float("inf"),
        costs=np.array([1.0, np.inf], np.float32),
        iterations=2,
        spread=float("nan"),
        imagined=rng.normal(size=(2, 3)).astype(np.float32),
    )
    decision = LogDecision(rng.normal(size=5), 12.5, float("nan"), 41.0, "search", plan)
    sent = ArmCommand(rng.normal(size=5), 0.25, 0.5, ("workspace",), PARKED)
    goal = Goal(rng.normal(size=3).astype(np.float32), "text", 0.9, "push it", {"skill": "push"})
    return [
        LogInstruction(STAMP, "push it", (TASK,), "push the red cube left", 0.9, False),
        LogLook(STAMP, "goal", seen, (), state, ""),
        LogGoal(STAMP, 0, TASK, goal),
        LogGoal(STAMP, 1, TASK, None),
        LogTick(STAMP, 0, 3, seen, (), decision, "late", ArmTarget(rng.normal(size=5), 0.3), sent, 55.5, None, ""),
        LogState(STAMP, rng.normal(size=5), rng.normal(size=5), None, 0.5),
        LogCommand(STAMP, "park", REST, PARKED),
        LogBytes(STAMP, "sent", b"\xff\x00"),
        LogResult(STAMP, 0, True, False, "simulator"),
    ]


def encoded(every: list[Entry]) -> list[tuple[str, bytes]]:
    """The topics and bytes of the messages of these entries."""
    found: list[tuple[str, bytes]] = []
    encoder = Encoder(header(), lambda topic, log_ns, publish_ns, data: found.append((topic, data)))
    for entry in every:
        encoder.put(entry)
    return found


def test_schemas_are_those_of_version_1() -> None:
    sha = hashlib.sha256()
    for topic in topics.topics(()):
        sha.update(b"".join([topic.name.encode(), topic.schema.encode(), schema(topic)[0].encode()]))
        sha.update(schema(topic)[1] if topic.encoding == "json" else b"")
    assert sha.hexdigest() == SCHEMAS


def test_messages_are_those_of_version_1_byte_by_byte() -> None:
    sha = hashlib.sha256()
    for topic, data in encoded(entries()):
        sha.update(topic.encode() + (data if topic in RECORDS else b""))
    assert sha.hexdigest() == MESSAGES


@pytest.mark.parametrize("kind", [*WHOLE_ENTRIES, PlanRecord])
def test_every_field_of_an_entry_is_in_the_table(kind: Any) -> None:
    record = PLAN_RECORD if kind is PlanRecord else RECORDS[WHOLE_ENTRIES[kind]]
    assert [each.key for each in record.fields] == [each.name for each in fields(kind)]


def decoded(topic: str, values: dict[str, Any]) -> Any:
    message = Message(1, topic, "", "json", 0, 0, 0, json.dumps(values).encode())
    return Decoder(STAMP).entry(message)


def test_what_version_1_called_a_detour_is_a_recovery() -> None:
    (data,) = [data for topic, data in encoded(entries()) if topic == topics.TICK]
    values = json.loads(data)
    values["decision"] |= {"source": "detour", "planned": False}
    assert decoded(topics.TICK, values).decision.source == "recovery"


def test_a_log_from_before_allowed_commands_were_kept_is_read() -> None:
    (data,) = [data for topic, data in encoded(entries()) if topic == topics.COMMAND]
    values = json.loads(data)
    del values["sent"]["allowed"]
    assert decoded(topics.COMMAND, values).sent.allowed is None
