"""The contents of a log as frozen records: its header, and one record per event.

Numbers survive a round trip bit by bit, pictures pixel by pixel. `messages` declares how a record is stored. Knows no
file format.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from robot_wm.records import AgentRecord
from robot_wm.types import ArmCommand, ArmSpec, ArmTarget, CameraSpec, Floats, Frame, Goal, Observation, PlanRecord

FORMAT = "robot_wm.log/1"


@dataclass(frozen=True)
class Stamp:
    """One moment on three clocks."""

    clock_s: float  # the loop's clock: the machine's monotonic one, or a simulation's time
    monotonic_s: float  # time.monotonic() of the machine that recorded
    wall_ns: int  # since 1970, UTC


@dataclass(frozen=True)
class SceneRecord:
    """A simulated scene, in enough detail to reset it again; later states are in `LogLook` and `LogTick`."""

    suite: str  # "tabletop"; the scene's configuration by name
    seed: int  # of `reset`
    names: tuple[str, ...]  # objects in the scene
    away: bool = False  # the arm started off its rest pose
    state: Floats | None = None  # (s,) the simulator's state right after the reset
    bumps: Mapping[str, Any] | None = None  # the suite's settings, if objects are bumped


@dataclass(frozen=True)
class LogHeader:
    """The configuration of a session, recorded before anything moves."""

    command: str  # "do", "eval", "record"
    arm: str  # value of --arm
    arm_spec: ArmSpec
    cameras: tuple[CameraSpec, ...]
    began: Stamp  # maps the three clocks onto each other
    policy: AgentRecord
    scene: SceneRecord | None  # None on real hardware
    calibration: Mapping[str, Any] | None = None  # of real or emulated servos, as in its file
    versions: Mapping[str, str] = field(default_factory=dict)  # "python", "robot_wm", "torch", "cpu", ..., "git"
    model_sha256: str = ""  # of the arm's MJCF, which is attached to the file
    dt_s: float = 0.1  # between ticks
    extra: Mapping[str, Any] = field(default_factory=dict)  # added by the command
    format: str = FORMAT


@dataclass(frozen=True)
class LogDecision:
    """What the agent decided and predicted."""

    action: Floats  # (a,) in the order of the action space's names
    steps_to_goal: float
    done_probability: float
    plan_ms: float
    source: str
    plan: PlanRecord | None  # None if the agent does not plan


@dataclass(frozen=True)
class LogInstruction:
    """An instruction and how it was understood."""

    stamp: Stamp
    text: str
    tasks: tuple[Mapping[str, Any], ...]  # goals as JSON; empty if it was refused
    words: str  # the understood goals, or why it was refused
    confidence: float
    refused: bool


@dataclass(frozen=True)
class LogGoal:
    """The start of a goal; `goal` was made of `task` and the look with purpose "goal" just before."""

    stamp: Stamp
    number: int  # 0, 1, ... in the order in which they were pursued
    task: Mapping[str, Any]
    goal: Goal | None  # None if the agent needs no point in goal space


@dataclass(frozen=True)
class LogLook:
    """An observation outside the loop's ticks."""

    stamp: Stamp
    purpose: str  # "understand" (an instruction) or "goal" (to place a goal)
    observation: Observation
    missing: tuple[str, ...]  # cameras whose picture is missing
    simulator: Floats | None  # (s,) the simulator's state
    digest: str  # `robot_wm.log.digest` of the observation, made when it was recorded


@dataclass(frozen=True)
class LogTick:
    """One turn of the loop: observation, decision, target, command."""

    stamp: Stamp  # `clock_s` at its start, the other two at its end
    goal: int  # number of the goal
    number: int  # of the tick within its goal
    observation: Observation  # `.sent` is the command in force when the state was measured
    missing: tuple[str, ...]  # cameras whose picture is missing (dropped or damaged), and "plan"
    decision: LogDecision
    held: str  # why the decision was not followed: "late", "not finite" or ""
    target: ArmTarget  # requested, before limits
    sent: ArmCommand  # sent; `.limited`: active limits, `.allowed`: the command after limits
    decision_ms: float  # encode, plan, kinematics and limits together
    simulator: Floats | None  # (s,) its state at the end of the tick, before any bump; None without one
    digest: str  # `robot_wm.log.digest` of the observation, made when it was recorded


@dataclass(frozen=True)
class LogResult:
    """The outcome of a goal."""

    stamp: Stamp
    goal: int
    done: bool
    already_done: bool
    judged_by: str


@dataclass(frozen=True)
class LogNote:
    """A message for a person: a fault, a warning, dropped entries."""

    stamp: Stamp
    level: str  # "info", "warning", "error" (a fault), "fatal"
    words: str
    origin: str  # "arm", "camera", "recorder", "supervisor", ...


@dataclass(frozen=True)
class LogState:
    """A state measured between ticks, if the arm is sampled faster than the loop decides."""

    stamp: Stamp
    q_rad: Floats  # (n,)
    dq_rad_s: Floats  # (n,)
    effort: Floats | None  # (n,)
    gripper: float


@dataclass(frozen=True)
class LogCommand:
    """A command outside the loop's ticks."""

    stamp: Stamp
    purpose: str  # "park"
    target: ArmTarget  # requested, before limits
    sent: ArmCommand


@dataclass(frozen=True)
class LogBytes:
    """Raw bytes on a servo bus, recorded on request."""

    stamp: Stamp
    direction: str  # "sent" or "received"
    data: bytes


@dataclass(frozen=True)
class LogFrame:
    """One picture of one camera."""

    stamp: Stamp
    camera: str
    sequence: int  # counts the camera's pictures in the file; a gap is a missing picture
    frame: Frame


Entry = LogInstruction | LogGoal | LogLook | LogTick | LogResult | LogNote | LogState | LogCommand | LogBytes
