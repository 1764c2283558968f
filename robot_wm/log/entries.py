"""What a log holds, as frozen records: its header, and one record for each thing that happened.

Numbers come back exactly as they were: float64 and float32 bit by bit, pictures as the camera gave them. Knows no
file format.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from robot_wm.records import AgentRecord
from robot_wm.types import ArmCommand, ArmSpec, ArmTarget, CameraSpec, Floats, Frame, Goal, Observation, PlanRecord

FORMAT = "robot_wm.log/1"


@dataclass(frozen=True)
class Stamp:
    """One instant on three clocks."""

    clock_s: float  # the loop's clock: the machine's monotonic one, or a simulation's time
    monotonic_s: float  # time.monotonic() of the machine that recorded
    wall_ns: int  # since 1970, UTC


@dataclass(frozen=True)
class SceneRecord:
    """A simulated table, closely enough to lay it again; its state goes on in `LogLook` and `LogTick`."""

    suite: str  # "tabletop"; the scene's configuration by name
    seed: int  # what `reset` was given
    names: tuple[str, ...]  # what lay on the table
    away: bool = False  # the arm started off its rest pose
    state: Floats | None = None  # (s,) the simulator's state right after the reset
    bumps: Mapping[str, Any] | None = None  # the suite's, where things are bumped


@dataclass(frozen=True)
class LogHeader:
    """What was set up, before anything moved."""

    command: str  # "do", "eval", "record"
    arm: str  # the word after --arm
    arm_spec: ArmSpec
    cameras: tuple[CameraSpec, ...]
    began: Stamp  # maps the three clocks onto each other
    policy: AgentRecord
    scene: SceneRecord | None  # None where the world is real
    calibration: Mapping[str, Any] | None = None  # of the real or emulated servos, as its file has it
    versions: Mapping[str, str] = field(default_factory=dict)  # "python", "robot_wm", "torch", "cpu", ..., "git"
    model_sha256: str = ""  # of the arm's MJCF, which is attached to the file
    dt_s: float = 0.1  # between ticks
    extra: Mapping[str, Any] = field(default_factory=dict)  # whatever the command adds
    format: str = FORMAT


@dataclass(frozen=True)
class LogDecision:
    """What the policy wanted and believed."""

    action: Floats  # (5,) dx dy dz dyaw gripper
    steps_to_goal: float
    done_probability: float
    plan_ms: float
    source: str
    plan: PlanRecord | None  # None where the policy does not plan


@dataclass(frozen=True)
class LogInstruction:
    """Something was said, and this is what was made of it."""

    stamp: Stamp
    text: str
    tasks: tuple[Mapping[str, Any], ...]  # the design's goal grammar; empty where it was refused
    words: str  # what was understood, or why it was refused
    confidence: float
    refused: bool


@dataclass(frozen=True)
class LogGoal:
    """A goal was taken up: `task` was turned into `goal` from the look with purpose "goal" just before."""

    stamp: Stamp
    number: int  # 0, 1, ... in the order in which they were pursued
    task: Mapping[str, Any]
    goal: Goal | None  # None where the policy needs no point in goal space


@dataclass(frozen=True)
class LogLook:
    """A look at the world outside the loop's ticks."""

    stamp: Stamp
    purpose: str  # "understand": to take in an instruction; "goal": to place a goal
    observation: Observation
    missing: tuple[str, ...]  # cameras whose picture was lost
    simulator: Floats | None  # (s,) the simulator's state
    digest: str  # `robot_wm.log.digest` of the observation, made when it was recorded


@dataclass(frozen=True)
class LogTick:
    """One turn of the loop, in the loop's order: seen, decided, asked, sent."""

    stamp: Stamp  # `clock_s` when it began; the other two when it was over
    goal: int  # number of the goal that was pursued
    number: int  # of the tick within its goal
    observation: Observation  # `.sent` is the command in force when the state was measured
    missing: tuple[str, ...]  # cameras whose picture was lost (dropped, or in a damaged chunk)
    decision: LogDecision
    held: str  # why the decision was not followed: "late", "not finite" or ""
    target: ArmTarget  # asked of the arm, before limits
    sent: ArmCommand  # what was really sent; `.limited`: which limits spoke, `.allowed`: what they made of it
    decision_ms: float  # encode, plan, kinematics and limits together
    simulator: Floats | None  # (s,) its state when the tick was over, before any bump; None where there is no simulator
    digest: str  # `robot_wm.log.digest` of the observation, made when it was recorded


@dataclass(frozen=True)
class LogResult:
    """How a goal ended."""

    stamp: Stamp
    goal: int
    done: bool
    already_done: bool
    judged_by: str


@dataclass(frozen=True)
class LogNote:
    """Words for a person: a fault, a warning, drops, what happened."""

    stamp: Stamp
    level: str  # "info", "warning", "error" (a fault), "fatal"
    words: str
    origin: str  # "arm", "camera", "recorder", "supervisor", ...


@dataclass(frozen=True)
class LogState:
    """What the arm measured between ticks, where it is sampled faster than decided."""

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
    target: ArmTarget  # asked of the arm, before limits
    sent: ArmCommand  # what was really sent


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
    sequence: int  # counts the camera's pictures in the file; a gap is a picture that was lost
    frame: Frame


Entry = LogInstruction | LogGoal | LogLook | LogTick | LogResult | LogNote | LogState | LogCommand | LogBytes
Entries = Sequence[Entry]
