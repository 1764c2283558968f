"""robot_wm: a robot-arm control stack that plans in the latent space of a World Action Model.

    import robot_wm as rw

    report = rw.run("push the red cube left", scene="red cube, blue bin")

Names are imported when they are first used, so that `import robot_wm` is quick and needs no torch.
"""

from typing import TYPE_CHECKING

from robot_wm.lazy import front_door
from robot_wm.version import __version__ as __version__

if TYPE_CHECKING:
    from robot_wm.action_space import ActionSpace as ActionSpace
    from robot_wm.action_space import CartesianActions as CartesianActions
    from robot_wm.action_space import JointActions as JointActions
    from robot_wm.agents.make import open_agent as open_agent
    from robot_wm.arm import Arm as Arm
    from robot_wm.arm_description import ArmDescription as ArmDescription
    from robot_wm.camera import Camera as Camera
    from robot_wm.control.agent import Agent as Agent
    from robot_wm.control.clock import Clock as Clock
    from robot_wm.control.judging import Judge as Judge
    from robot_wm.errors import CheckpointError as CheckpointError
    from robot_wm.errors import ConfigError as ConfigError
    from robot_wm.errors import DatasetError as DatasetError
    from robot_wm.errors import DeviceError as DeviceError
    from robot_wm.errors import InstructionError as InstructionError
    from robot_wm.errors import LogError as LogError
    from robot_wm.errors import MissingDependencyError as MissingDependencyError
    from robot_wm.errors import RefusedError as RefusedError
    from robot_wm.errors import RobotWMError as RobotWMError
    from robot_wm.errors import UnknownNameError as UnknownNameError
    from robot_wm.goals import Task as Task
    from robot_wm.kinematics import Kinematics as Kinematics
    from robot_wm.kinematics import ToolPose as ToolPose
    from robot_wm.log.read import Log as Log
    from robot_wm.log.read import load_log as load_log
    from robot_wm.records import AgentRecord as AgentRecord
    from robot_wm.records import Decision as Decision
    from robot_wm.records import GoalResult as GoalResult
    from robot_wm.records import Instruction as Instruction
    from robot_wm.records import Refusal as Refusal
    from robot_wm.records import Tick as Tick
    from robot_wm.records import Understanding as Understanding
    from robot_wm.session.events import Event as Event
    from robot_wm.session.events import Subscriber as Subscriber
    from robot_wm.session.report import Report as Report
    from robot_wm.session.run import run as run
    from robot_wm.session.session import Rules as Rules
    from robot_wm.session.session import Session as Session
    from robot_wm.station.make import make as make
    from robot_wm.station.station import Simulation as Simulation
    from robot_wm.station.station import Station as Station
    from robot_wm.train.learner import Learner as Learner
    from robot_wm.types import ArmCommand as ArmCommand
    from robot_wm.types import ArmSpec as ArmSpec
    from robot_wm.types import ArmState as ArmState
    from robot_wm.types import ArmTarget as ArmTarget
    from robot_wm.types import CameraSpec as CameraSpec
    from robot_wm.types import Frame as Frame
    from robot_wm.types import Goal as Goal
    from robot_wm.types import Observation as Observation
    from robot_wm.world_model.families import open_model as open_model
    from robot_wm.world_model.protocol import Decodes as Decodes
    from robot_wm.world_model.protocol import Locates as Locates
    from robot_wm.world_model.protocol import Proposes as Proposes
    from robot_wm.world_model.protocol import Rollout as Rollout
    from robot_wm.world_model.protocol import Scores as Scores
    from robot_wm.world_model.protocol import State as State
    from robot_wm.world_model.protocol import WorldModel as WorldModel

__getattr__, __dir__, __all__ = front_door(
    __name__,
    {
        "station.make": ("make",),
        "agents.make": ("open_agent",),
        "session.run": ("run",),
        "log.read": (
            "Log",
            "load_log",
        ),
        "arm": ("Arm",),
        "camera": ("Camera",),
        "control.clock": ("Clock",),
        "control.agent": ("Agent",),
        "control.judging": ("Judge",),
        "station.station": (
            "Station",
            "Simulation",
        ),
        "action_space": (
            "ActionSpace",
            "CartesianActions",
            "JointActions",
        ),
        "arm_description": ("ArmDescription",),
        "kinematics": (
            "Kinematics",
            "ToolPose",
        ),
        "world_model.protocol": (
            "WorldModel",
            "State",
            "Rollout",
            "Proposes",
            "Scores",
            "Decodes",
            "Locates",
        ),
        "world_model.families": ("open_model",),
        "train.learner": ("Learner",),
        "session.session": (
            "Session",
            "Rules",
        ),
        "session.report": ("Report",),
        "session.events": (
            "Event",
            "Subscriber",
        ),
        "goals": ("Task",),
        "records": (
            "Instruction",
            "Understanding",
            "Refusal",
            "Decision",
            "Tick",
            "GoalResult",
            "AgentRecord",
        ),
        "types": (
            "ArmSpec",
            "ArmState",
            "ArmTarget",
            "ArmCommand",
            "CameraSpec",
            "Frame",
            "Observation",
            "Goal",
        ),
        "errors": (
            "RobotWMError",
            "ConfigError",
            "UnknownNameError",
            "MissingDependencyError",
            "DeviceError",
            "InstructionError",
            "RefusedError",
            "CheckpointError",
            "DatasetError",
            "LogError",
        ),
    },
)
