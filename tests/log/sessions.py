"""Small sessions to record: an arm, two cameras with noise in them, ticks of a policy that plans."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from robot_wm.fake import FakeArm
from robot_wm.log.entries import LogHeader, SceneRecord, Stamp
from robot_wm.log.record import Recorded, Recorder
from robot_wm.records import AgentRecord, Decision, Tick
from robot_wm.types import (
    ArmCommand,
    ArmState,
    ArmTarget,
    CameraSpec,
    Frame,
    Goal,
    Observation,
    PlanRecord,
)

CAMERAS = (CameraSpec("overview", 24, 32, 10.0), CameraSpec("wrist", 16, 16, 10.0))
REST, PARKED = ArmTarget(np.arange(5) / 3.0, 0.3), ArmCommand(np.arange(5) / 7.0, 0.25, 0.05, ("workspace",))
TASK = {"skill": "push", "object": "red cube", "direction": "left"}


def header(now_s: float = 0.0, cameras: tuple[CameraSpec, ...] = CAMERAS) -> LogHeader:
    spec = FakeArm().spec
    return LogHeader(
        command="test",
        arm="fake",
        arm_spec=spec,
        cameras=cameras,
        began=Stamp(now_s, time.monotonic(), time.time_ns()),
        policy=AgentRecord("planner", "wam.safetensors", "ab" * 32, config={"samples": [96, 48]}, seed=3),
        scene=SceneRecord("tabletop", 7, ("red cube", "green pad"), state=np.array([0.1, 1e-300, -0.0, 2.0 / 3.0])),
        versions={"python": "3.11"},
        model_sha256=hashlib.sha256(b"model").hexdigest(),
    )


def observation(rng: np.random.Generator, at_s: float, cameras: tuple[CameraSpec, ...] = CAMERAS) -> Observation:
    frames = {
        each.name: Frame(rng.integers(0, 256, (each.height, each.width, 3), dtype=np.uint8), at_s - 0.01)
        for each in cameras
    }
    n = FakeArm().spec.n_joints
    state = ArmState(rng.normal(size=n), rng.normal(size=n), rng.normal(size=n), float(rng.uniform()), at_s)
    return Observation(frames, state, ArmCommand(rng.normal(size=n), 0.5, at_s, ("velocity:a",)))


def tick(
    rng: np.random.Generator, number: int, at_s: float, cameras: tuple[CameraSpec, ...] = CAMERAS, plans: bool = True
) -> Tick:
    seen = observation(rng, at_s, cameras)
    n = len(seen.state.q_rad)
    plan = PlanRecord(
        chunk=rng.normal(size=(8, 5)).astype(np.float32),
        cost=float(rng.normal()),
        prior_cost=float("inf"),
        costs=np.append(rng.normal(size=11), np.inf).astype(np.float32),
        iterations=2,
        spread=float("nan"),
        imagined=rng.normal(size=(4, 30)).astype(np.float32),
    )
    decision = Decision(rng.normal(size=5), 12.5, float("nan"), 41.0, "search", plan=plan if plans else None)
    allowed = ArmCommand(rng.normal(size=n), 0.251, at_s, ("workspace",))
    sent = ArmCommand(rng.normal(size=n), 0.25, at_s + 0.001, ("workspace",), allowed)
    return Tick(number, seen, decision, sent, "", 55.5, ArmTarget(rng.normal(size=n), 0.3), at_s)


def record(
    path: Path,
    ticks: int = 5,
    seed: int = 0,
    tell: Callable[[str], None] | None = None,
    attachments: dict[str, bytes] | None = None,
) -> tuple[Recorded, list[Tick], list[Observation]]:
    """A whole session; what was recorded, its ticks and its looks."""
    rng = np.random.default_rng(seed)
    told: list[Tick] = []
    looks = [observation(rng, 0.0), observation(rng, 0.0)]
    with Recorder(
        path, header(), lambda: 0.05, attachments, simulator=lambda: np.arange(6) / 3.0, tell=tell
    ) as recorder:
        recorder.look("understand", looks[0])
        recorder.instruction("push it", (TASK,), "push the red cube left", 0.9)
        recorder.look("goal", looks[1])
        goal = Goal(rng.normal(size=37).astype(np.float32), "text", 0.9, "push the red cube left", {"skill": "push"})
        recorder.goal(TASK, goal)
        recorder.parking(REST, PARKED)
        for number in range(ticks):
            told.append(tick(rng, number, 0.1 * (number + 1)))
            recorder.tick(told[-1])
            recorder.measured(told[-1].observation.state)
        recorder.bus("sent", b"\xff\xff\x01")
        recorder.note("all is well", "test")
        recorder.result(True, False, "simulator")
        recorded = recorder.close()
    return recorded, told, looks
