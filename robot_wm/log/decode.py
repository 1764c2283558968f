"""Turn the messages of a log's channels back into entries."""

import json
from collections import deque
from typing import Any, final

import numpy as np
from google.protobuf.message import DecodeError
from numpy.typing import NDArray

from robot_wm.config import from_values
from robot_wm.errors import LogError, RobotWMError
from robot_wm.log import foxglove, topics
from robot_wm.log.entries import FORMAT, Entry, LogDecision, LogFrame, LogHeader, LogLook, LogNote, LogTick, Stamp
from robot_wm.log.messages import PLAN_RECORD, RECORDS
from robot_wm.log.scan import Message, Scan
from robot_wm.types import Frame, Observation, PlanRecord

_KEPT = 4  # last pictures of each camera; a tick refers to the newest


def read_header(scanned: Scan) -> LogHeader:
    """Return the header of a log.

    Raises:
        LogError: the file has no sound header, or one of a newer format.
    """
    message = next((each for each in scanned.messages() if each.topic == topics.SESSION), None)
    if message is None:
        raise LogError(
            f"{scanned.path} has no sound {topics.SESSION} message: it is no log of robot_wm, or its beginning is "
            "lost; `robot-wm dataset import` reads MCAP files of other programs"
        )
    try:
        values = json.loads(message.data)
        if values.get("format") != FORMAT:
            raise LogError(f"{scanned.path} is a log of format {values.get('format')!r}, this version reads {FORMAT!r}")
        return from_values(LogHeader, values, f"{scanned.path} {topics.SESSION}")
    except LogError:
        raise
    except (ValueError, AttributeError, RobotWMError) as error:
        raise LogError(f"{scanned.path}: its header cannot be read: {error}") from error


@final
class Decoder:
    """Reads a log's messages in the order of the file; remembers the pictures and the plan that a tick refers to."""

    def __init__(self, began: Stamp) -> None:
        self._began = began
        self._pictures: dict[str, deque[tuple[int, NDArray[np.uint8]]]] = {}
        self._plan: tuple[int, int, PlanRecord] | None = None  # goal, number

    def entry(self, message: Message) -> Entry | None:
        """Return the entry of a message; None if it is part of another entry. Raises LogError."""
        try:
            return self._entry(message)
        except (ValueError, KeyError, TypeError, AttributeError, DecodeError) as error:
            raise LogError(f"message {message.sequence} on {message.topic} cannot be read: {error!r}") from error

    def frame(self, message: Message) -> LogFrame | None:
        """Return the picture of a message, None if it has none. Its stamps are exact to the nanosecond only."""
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
        if topic not in RECORDS or message.encoding != "json" or topic == topics.SESSION:
            return None
        values = json.loads(message.data)
        if topic == topics.PLAN:
            self._plan = (values["goal"], values["number"], PLAN_RECORD.decode(values))
            return None
        if topic == topics.LOOK:
            return LogLook(**self._seen(RECORDS[topic].values(values)))
        return self._tick(values) if topic == topics.TICK else RECORDS[topic].decode(values)

    def _tick(self, encoded: dict[str, Any]) -> LogTick:
        values = self._seen(RECORDS[topics.TICK].values(encoded))
        decision, which = values["decision"], (values["goal"], values["number"])
        plan = self._plan[2] if self._plan is not None and self._plan[:2] == which else None
        if decision.pop("planned") and plan is None:
            values["missing"] += ("plan",)
        values["decision"] = LogDecision(**decision, plan=plan)
        return LogTick(**values)

    def _seen(self, values: dict[str, Any]) -> dict[str, Any]:
        """Replace the parts of an observation, and what refers to its pictures, by the observation itself."""
        frames, missing = dict[str, Frame](), list[str]()
        for camera, which in values.pop("frames").items():
            rgb = dict(self._pictures.get(camera, ())).get(which["sequence"])
            if rgb is None:
                missing.append(camera)
            else:
                frames[camera] = Frame(rgb, float(which["stamp_s"]))
        observation = Observation(frames, values.pop("state"), values.pop("in_force"))
        return {**values, "observation": observation, "missing": tuple(missing)}

    def _stamp(self, message: Message) -> Stamp:
        clock_s = self._clock_s(message.log_time_ns)
        return Stamp(clock_s, self._began.monotonic_s + clock_s - self._began.clock_s, message.log_time_ns)

    def _clock_s(self, time_ns: int) -> float:
        return self._began.clock_s + (time_ns - self._began.wall_ns) / 1e9

    def _remember(self, camera: str, message: Message) -> None:
        rgb = foxglove.picture_from(message.data)
        if rgb is not None:
            self._pictures.setdefault(camera, deque(maxlen=_KEPT)).append((message.sequence, rgb))
