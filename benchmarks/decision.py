"""How long one decision takes and what it grows with, and how near the imagination comes to the machine's own peak.

    python benchmarks/decision.py [--threads 1] [--json FILE]

A decision is encode + plan + kinematics + limits, on the simulated arm with the shipped checkpoint. The peak is
measured in the same run: a large fp32 matrix product on the same number of threads.
"""

import json
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import tyro

from robot_wm.action_space import CartesianActions
from robot_wm.agents.planner_factory import build_planner
from robot_wm.config import find_config, load_config
from robot_wm.goals import Task
from robot_wm.planning.mppi import PlannerConfig
from robot_wm.records import AgentRecord
from robot_wm.types import Observation
from robot_wm.world_model import State
from robot_wm.world_model.wam import checkpoint, latent
from robot_wm.world_model.wam.dynamics import DynamicsConfig
from robot_wm.world_model.wam.model import WAM
from sim.worlds import open_world


@dataclass(frozen=True)
class Arguments:
    """What to measure on."""

    threads: int = 1
    decisions: int = 200
    json: Path | None = None


def percentiles(ms: list[float]) -> dict[str, float]:
    """p50, p95 and p99 in milliseconds."""
    return {f"p{q}": round(float(np.percentile(ms, q)), 2) for q in (50, 95, 99)}


def timed(call: Callable[[], object], repeats: int) -> list[float]:
    """Milliseconds of each call, after a few to warm up."""
    for _ in range(5):
        call()
    spent = []
    for _ in range(repeats):
        started_s = time.perf_counter()
        call()
        spent.append(1e3 * (time.perf_counter() - started_s))
    return spent


def decision_ms(config: PlannerConfig, decisions: int) -> dict[str, float]:
    """Whole decisions while the arm is at work."""
    scene = open_world("mujoco", 3, ("red cube", "green pad", "blue bin"))
    for camera in scene.cameras.values():
        camera.connect()
    agent = build_planner(checkpoint.load(None, scene.kinematics), AgentRecord("planner"), config)
    actions, sent, spent = CartesianActions(scene.kinematics), scene.arm.sent, []
    for tick in range(decisions + 5):
        frames = {name: camera.read() for name, camera in scene.cameras.items()}
        observation = Observation(frames, scene.arm.read(), sent)
        if tick == 0:
            agent.start(Task("place", "red cube", "blue bin"), observation)
        started_s = time.perf_counter()
        decision = agent.decide(observation)
        sent = scene.arm.command(actions.target(decision.action, observation.state, sent))
        spent.append(1e3 * (time.perf_counter() - started_s))
        scene.advance(0.1)
    return percentiles(spent[5:])


def peak_gflop_s() -> float:
    """Of a 1024 x 1024 x 1024 fp32 product."""
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
    return 2 * 1024**3 / (min(timed(lambda: a @ b, 30)) * 1e6)


def rollout_gflop_s(model: WAM, samples: int, blocks: int) -> float:
    """Floating-point operations a second of the imagination: two for each weight of each row it passes."""
    d = model.dynamics
    weights = lambda *parts: sum(p.numel() for part in parts for p in part.parameters() if p.ndim == 2)  # noqa: E731
    per_robot = weights(d.robot_in, d.mix, d.robot_out)
    per_object = weights(d.object_in, d.pool, d.object_out)
    operations = 2 * samples * blocks * (per_robot + latent.SLOTS * per_object)
    z, actions = torch.randn(samples, model.layout.z), torch.zeros(samples, blocks * model.block, 5)
    return operations / (float(np.median(timed(lambda: model.imagine(State(z), actions), 50))) * 1e6)


def main(arguments: Arguments) -> None:
    """Measure, print and, if asked, write JSON."""
    torch.set_num_threads(arguments.threads)
    config = load_config(PlannerConfig, find_config("plan", "default"))
    model = checkpoint.load()
    peak = peak_gflop_s()
    found: dict[str, object] = {
        "machine": platform.processor() or platform.machine(),
        "threads": arguments.threads,
        "parameters": sum(p.numel() for p in model.parameters()),
        "peak_gflop_s": round(peak, 1),
        "decision_ms": decision_ms(config, arguments.decisions),
    }
    for scale in (0.5, 1, 2, 4):
        samples = tuple(int(scale * n) for n in config.samples)
        found[f"decision_ms samples {samples}"] = decision_ms(replace(config, samples=samples), 40)
    z = torch.randn(config.samples[0], model.layout.z)
    for blocks in (1, 2, 5, 10):
        actions = torch.zeros(len(z), blocks * model.block, 5)
        found[f"rollout_ms blocks {blocks}"] = percentiles(timed(lambda a=actions: model.imagine(State(z), a), 50))
    for hidden in (80, 160, 320, 640):
        dynamics = DynamicsConfig(hidden=hidden)
        wide = WAM(replace(model.config, dynamics=dynamics)).eval()
        actions = torch.zeros(len(z), model.chunk, 5)
        ms = percentiles(timed(lambda m=wide, a=actions: m.imagine(State(z), a), 30))
        found[f"rollout_ms dynamics of {sum(p.numel() for p in wide.dynamics.parameters())} parameters"] = ms
    reached = rollout_gflop_s(model, config.samples[0], model.chunk // model.block)
    found |= {"rollout_gflop_s": round(reached, 1), "rollout_share_of_peak": round(reached / peak, 3)}
    for name, value in found.items():
        print(f"{name}: {value}")
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main(tyro.cli(Arguments))
