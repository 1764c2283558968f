"""Turn entries into the messages of a log's channels. Runs in the writing process, never in the control loop.

What JSON messages hold is declared in `messages`; here are what depends on earlier messages (which pictures are new,
fingerprints) and the copies in Foxglove's schemas for viewers.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, final

import numpy as np

from robot_wm.config import to_values
from robot_wm.errors import RobotWMError
from robot_wm.log import foxglove, topics
from robot_wm.log.digest import Digester
from robot_wm.log.entries import Entry, LogCommand, LogHeader, LogLook, LogNote, LogState, LogTick, Stamp
from robot_wm.log.messages import RECORDS, WHOLE_ENTRIES
from robot_wm.log.numbers import dumps
from robot_wm.types import ArmCommand, ArmState, ArmTarget, Floats, Frame, PlanRecord

if TYPE_CHECKING:
    from robot_wm.kinematics import Kinematics

Put = Callable[[str, int, int, bytes], None]  # topic, log time (ns), publish time (ns), data


@final
class Encoder:
    """Turns entries into messages and passes them to `put`. A picture that was put before is not put again."""

    def __init__(self, header: LogHeader, put: Put) -> None:
        self._header, self._put = header, put
        self._names = header.arm_spec.joint_names
        self._joints_writer = foxglove.JointsWriter(self._names)
        self._digester = Digester()
        self._pictures: dict[str, tuple[int, Frame]] = {}  # by camera: number and picture of the last one
        self._kinematics: Kinematics | None = None
        self._drawable = True

    def session(self) -> None:
        """Put the header."""
        time_ns = self._header.began.wall_ns
        self._put(topics.SESSION, time_ns, time_ns, dumps(to_values(self._header)))

    def put(self, entry: Entry) -> None:
        """Put all messages of an entry."""
        match entry:
            case LogTick():
                self._tick(entry)
            case LogLook():
                self._json(topics.LOOK, entry.stamp, entry, **self._seen(entry))
                self._measured(entry.stamp, entry.observation.state, entry.observation.state.stamp_s)
            case LogNote():
                time_ns = self._ns(entry.stamp.clock_s)
                self._put(topics.LOG, time_ns, time_ns, foxglove.log(time_ns, entry.level, entry.words, entry.origin))
            case _:
                self._json(WHOLE_ENTRIES[type(entry)], entry.stamp, entry)
                if isinstance(entry, LogState):
                    self._measured(entry.stamp, entry, entry.stamp.clock_s)
                elif isinstance(entry, LogCommand):
                    self._commanded(entry)

    def _tick(self, tick: LogTick) -> None:
        seen, plan = self._seen(tick), tick.decision.plan
        if plan is not None:
            self._json(topics.PLAN, tick.stamp, tick)
        self._json(topics.TICK, tick.stamp, tick, **seen)
        self._measured(tick.stamp, tick.observation.state, tick.observation.state.stamp_s)
        self._commanded(tick)
        if plan is not None and self._drawable:
            self._draw(tick.stamp, tick.observation.sent, plan)

    def _seen(self, entry: LogTick | LogLook) -> dict[str, Any]:
        """Put the pictures that are new; return what refers to all that were seen, and the fingerprint."""
        seen = entry.observation
        frames = {name: self._picture(entry.stamp, name, frame) for name, frame in seen.frames.items()}
        return {"frames": frames, "digest": self._digester.digest(seen)}

    def _picture(self, stamp: Stamp, camera: str, frame: Frame) -> dict[str, Any]:
        number, last = self._pictures.get(camera, (-1, None))
        if frame is not last:
            number += 1
            self._pictures[camera] = (number, frame)
            time_ns = self._ns(frame.stamp_s)
            data = foxglove.picture(time_ns, camera, frame.rgb)
            self._put(topics.CAMERA + camera, self._ns(stamp.clock_s), time_ns, data)
        return {"sequence": number, "stamp_s": float(frame.stamp_s)}

    def _measured(self, stamp: Stamp, state: ArmState | LogState, at_s: float) -> None:
        time_ns = self._ns(at_s)
        data = self._joints_writer.states(
            time_ns, state.q_rad, state.gripper, dq_rad_s=state.dq_rad_s, effort=state.effort
        )
        self._put(topics.MEASURED, self._ns(stamp.clock_s), time_ns, data)

    def _commanded(self, entry: LogTick | LogCommand) -> None:
        self._joints(topics.REQUESTED, entry.stamp, entry.stamp.clock_s, entry.target)
        self._joints(topics.SENT, entry.stamp, entry.sent.stamp_s, entry.sent)

    def _joints(self, topic: str, stamp: Stamp, at_s: float, pose: ArmTarget | ArmCommand) -> None:
        time_ns = self._ns(at_s)
        if len(pose.q_rad) == len(self._names):  # a target may be of a wrong length; the limits answer it with a hold
            data = self._joints_writer.states(time_ns, pose.q_rad, pose.gripper)
            self._put(topic, self._ns(stamp.clock_s), time_ns, data)

    def _draw(self, stamp: Stamp, in_force: ArmCommand, plan: PlanRecord) -> None:
        """Put the path of the commanded tool if all of the chunk were carried out."""
        from robot_wm.kinematics import Kinematics  # loads an engine, which only logs of planners need

        try:
            self._kinematics = self._kinematics or Kinematics(self._header.arm_spec)
        except (RobotWMError, ValueError, OSError):  # no model: the plan is still in /plan
            self._drawable = False
            return
        start_m: Floats = self._kinematics.forward(in_force.q_rad).position_m
        time_ns = self._ns(stamp.clock_s)
        steps_m = np.cumsum(plan.chunk[:, :3].astype(np.float64), axis=0)
        self._put(topics.SCENE, time_ns, time_ns, foxglove.path(time_ns, np.vstack([start_m, start_m + steps_m])))

    def _json(self, topic: str, stamp: Stamp, entry: Entry, **others: Any) -> None:
        """Put the JSON message of an entry; `others` are the values of keys that no attribute of it holds."""
        time_ns = self._ns(stamp.clock_s)
        self._put(topic, time_ns, time_ns, dumps(RECORDS[topic].encode(entry, **others)))

    def _ns(self, clock_s: float) -> int:
        """Convert the loop's clock to the wall clock, as both were when the log began."""
        began = self._header.began
        return max(0, began.wall_ns + round((clock_s - began.clock_s) * 1e9))
