"""The channels of a log: topic, encoding and schema of each. docs/logs.md says what they hold."""

from collections.abc import Iterable
from dataclasses import dataclass

CAMERA = "/camera/"  # and the camera's name
SESSION, INSTRUCTION, LOOK, GOAL, TICK = "/session", "/instruction", "/look", "/goal", "/tick"
PLAN, RESULT, STATE, COMMAND, BUS = "/plan", "/result", "/state", "/command", "/bus"
MEASURED, REQUESTED, SENT = "/joints/measured", "/joints/requested", "/joints/sent"
SCENE, LOG = "/scene", "/log"


@dataclass(frozen=True)
class Topic:
    """One channel."""

    name: str
    schema: str  # "robot_wm.Tick": JSON; "foxglove.Log": protobuf

    @property
    def encoding(self) -> str:
        """How its messages are encoded."""
        return "protobuf" if self.schema.startswith("foxglove.") else "json"


_FIXED = (
    Topic(SESSION, "robot_wm.Session"),
    Topic(INSTRUCTION, "robot_wm.Instruction"),
    Topic(LOOK, "robot_wm.Look"),
    Topic(GOAL, "robot_wm.Goal"),
    Topic(TICK, "robot_wm.Tick"),
    Topic(PLAN, "robot_wm.Plan"),
    Topic(RESULT, "robot_wm.Result"),
    Topic(STATE, "robot_wm.State"),
    Topic(COMMAND, "robot_wm.Command"),
    Topic(BUS, "robot_wm.Bus"),
    Topic(MEASURED, "foxglove.JointStates"),
    Topic(REQUESTED, "foxglove.JointStates"),
    Topic(SENT, "foxglove.JointStates"),
    Topic(SCENE, "foxglove.SceneUpdate"),
    Topic(LOG, "foxglove.Log"),
)


def topics(cameras: Iterable[str]) -> tuple[Topic, ...]:
    """Every channel of a log with these cameras."""
    return (*_FIXED, *(Topic(CAMERA + name, "foxglove.CompressedImage") for name in cameras))
