"""From messages on channels back to what happened."""

import json
from collections import deque
from typing import Any, NamedTuple, final

import numpy as np
from google.protobuf.message import DecodeError
from numpy.typing import NDArray

from robot_wm.config import from_values
from robot_wm.errors import LogError, RobotWMError
from robot_wm.log import foxglove, plain, topics
from robot_wm.log.entries import (
    FORMAT,
    Entry,
    LogBytes,
    LogCommand,
    LogDecision,
    LogFrame,
    LogGoal,
    LogHeader,
    LogInstruction,
    LogLook,
    LogNote,
    LogResult,
    LogState,
    LogTick,
    Stamp,
)
from robot_wm.log.numbers import floats
from robot_wm.log.scan import Message, Scan
from robot_wm.types import Frame, Observation, PlanRecord

_KEPT = 4  # last pictures of each camera; a tick refers to the newest


class _Seen(NamedTuple):
    observation: Observation
    missing: tuple[str, ...]
    simulator: NDArray[np.float64] | None
    digest: str


def read_header(scanned: Scan) -> LogHeader:
    """The header of a log. Raises LogError where there is none, or it is of a newer format."""
    message = next((each for each in scanned.messages() if each.topic == topics.SESSION), None)
    if message is None:
        raise LogError(
            f"{scanned.path} holds no {topics.SESSION} that is sound, so it is no log of robot_wm, or its beginning is "
            "lost; `robot-wm dataset import` reads MCAP files of others"
        )
    try:
        values = json.loads(message.data)
        if values.get("format") != FORMAT:
            raise LogError(f"{scanned.path} is a log of format {values.get('format')!r}, this version reads {FORMAT!r}")
        return from_values(LogHeader, values, f"{scanned.path} {topics.SESSION}")
    except LogError:
        raise
    except (ValueError, AttributeError, RobotWMError) as error:
        raise LogError(f"{scanned.path}: its header makes no sense: {error}") from error


@final
class Decoder:
    """Reads a log's messages in the order of the file; remembers the pictures and the plan that a tick refers to."""

    def __init__(self, began: Stamp) -> None:
        self._began = began
        self._pictures: dict[str, deque[tuple[int, NDArray[np.uint8]]]] = {}
        self._plan: tuple[int, int, PlanRecord] | None = None  # goal, number

    def entry(self, message: Message) -> Entry | None:
        """What a message tells; None where it is part of something else. Raises LogError."""
        try:
            return self._entry(message)
        except (ValueError, KeyError, TypeError, AttributeError, DecodeError) as error:
            raise LogError(f"message {message.sequence} on {message.topic} makes no sense: {error!r}") from error

    def frame(self, message: Message) -> LogFrame | None:
        """The picture that a message is; None where it is none. Its stamps are right to the nanosecond only."""
        if not message.topic.startswith(topics.CAMERA):
            return None
        rgb = foxglove.picture_from(message.data)
        if rgb is None:
            raise LogError(f"picture {message.sequence} on {message.topic} cannot be decoded")
        frame = Frame(rgb, self._clock_s(message.publish_time_ns))
        return LogFrame(self._stamp(message), message.topic.removeprefix(topics.CAMERA), message.sequence, frame)

    def _entry(self, message: Message) -> Entry | None:
        topic = message.topic
        if topic.startswith(topics.CAMERA):
            return self._remember(topic.removeprefix(topics.CAMERA), message)
        if topic == topics.LOG:
            return LogNote(self._stamp(message), *foxglove.log_from(message.data))
        if message.encoding != "json" or topic == topics.SESSION:
            return None
        values = json.loads(message.data)
        stamp = _stamp(values.pop("stamp"))
        if topic == topics.PLAN:
            self._plan = (values["goal"], values["number"], plain.to_plan(values))
            return None
        return self._own(topic, stamp, values)

    def _own(self, topic: str, stamp: Stamp, values: dict[str, Any]) -> Entry | None:
        match topic:
            case topics.TICK:
                return self._tick(stamp, values)
            case topics.LOOK:
                seen = self._seen(values)
                return LogLook(stamp, values["purpose"], *seen)
            case topics.GOAL:
                goal = None if values["goal"] is None else plain.to_goal(values["goal"])
                return LogGoal(stamp, values["number"], values["task"], goal)
            case topics.INSTRUCTION:
                tasks, confidence = tuple(values["tasks"]), float(values["confidence"])
                return LogInstruction(stamp, values["text"], tasks, values["words"], confidence, values["refused"])
            case topics.RESULT:
                return LogResult(stamp, *(values[key] for key in ("goal", "done", "already_done", "judged_by")))
            case topics.STATE:
                arrays = (floats(values["q_rad"]), floats(values["dq_rad_s"]), plain.maybe_floats(values["effort"]))
                return LogState(stamp, *arrays, float(values["gripper"]))
            case topics.COMMAND:
                target, sent = plain.to_target(values["target"]), plain.to_command(values["sent"])
                return LogCommand(stamp, values["purpose"], target, sent)
            case topics.BUS:
                return LogBytes(stamp, values["direction"], plain.to_bytes(values["data"]))
        return None

    def _tick(self, stamp: Stamp, values: dict[str, Any]) -> LogTick:
        seen, decision = self._seen(values), values["decision"]
        which = (values["goal"], values["number"])
        plan = self._plan[2] if self._plan is not None and self._plan[:2] == which else None
        lost = ("plan",) if plan is None and decision["planned"] else ()
        return LogTick(
            stamp=stamp,
            goal=which[0],
            number=which[1],
            observation=seen.observation,
            missing=seen.missing + lost,
            decision=LogDecision(
                floats(decision["action"]),
                float(decision["steps_to_goal"]),
                float(decision["done_probability"]),
                float(decision["plan_ms"]),
                decision["source"],
                plan,
            ),
            held=values["held"],
            target=plain.to_target(values["target"]),
            sent=plain.to_command(values["sent"]),
            decision_ms=float(values["decision_ms"]),
            simulator=seen.simulator,
            digest=seen.digest,
        )

    def _seen(self, values: dict[str, Any]) -> _Seen:
        frames, missing = dict[str, Frame](), list[str]()
        for camera, which in values["frames"].items():
            rgb = dict(self._pictures.get(camera, ())).get(which["sequence"])
            if rgb is None:
                missing.append(camera)
            else:
                frames[camera] = Frame(rgb, float(which["stamp_s"]))
        state, in_force = plain.to_state(values["state"]), plain.to_command(values["in_force"])
        simulator = plain.to_maybe_array(values["simulator"])
        return _Seen(Observation(frames, state, in_force), tuple(missing), simulator, values["digest"])

    def _stamp(self, message: Message) -> Stamp:
        clock_s = self._clock_s(message.log_time_ns)
        return Stamp(clock_s, self._began.monotonic_s + clock_s - self._began.clock_s, message.log_time_ns)

    def _clock_s(self, time_ns: int) -> float:
        return self._began.clock_s + (time_ns - self._began.wall_ns) / 1e9

    def _remember(self, camera: str, message: Message) -> None:
        rgb = foxglove.picture_from(message.data)
        if rgb is not None:
            self._pictures.setdefault(camera, deque(maxlen=_KEPT)).append((message.sequence, rgb))


def _stamp(values: dict[str, Any]) -> Stamp:
    return Stamp(float(values["clock_s"]), float(values["monotonic_s"]), int(values["wall_ns"]))
