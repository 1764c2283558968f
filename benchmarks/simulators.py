"""The same tables in MuJoCo and in PyBullet: how alike their pictures and motions are, and what a second of each costs.

    python benchmarks/simulators.py [--tables 20] [--json FILE]

Pictures are taken of one and the same state. For motion, both arms are then sent the same random targets and the
angles they reach are compared. Costs are processor time, in one run, so that their ratio means something anywhere.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro

from robot_wm.types import ArmTarget, Floats
from sim.bullet.engine import BulletEngine
from sim.scene import CAMERAS, Scene, SceneConfig

TICK_S, TICKS = 0.1, 20
STEP_RAD = (0.06, 0.03, 0.03, 0.03, 0.10)  # a tick, at most


@dataclass(frozen=True)
class Arguments:
    """What to compare."""

    tables: int = 20
    json: Path | None = None


def picture_difference(mujoco: Scene, bullet: Scene) -> dict[str, float]:
    """Mean absolute difference of the same state's pictures, of 255, by camera."""
    bullet.set_state(mujoco.state())
    return {
        camera.name: float(np.abs(mujoco.render(camera.name).astype(int) - bullet.render(camera.name)).mean())
        for camera in CAMERAS
    }


def driven(scene: Scene, steps_rad: Floats) -> Floats:
    """Joint angles (ticks, n) of an arm that is sent off by `steps_rad` (ticks, n), forth and back."""
    angles = []
    for step_rad in steps_rad:
        scene.arm.command(ArmTarget(scene.arm.sent.q_rad + step_rad, 0.5))
        scene.advance(TICK_S)
        angles.append(scene.arm.read().q_rad)
    return np.array(angles)


def cpu_ms(call: Callable[[], object]) -> float:
    """Processor time of one call."""
    started_s = time.process_time()
    call()
    return 1e3 * (time.process_time() - started_s)


def main(arguments: Arguments) -> None:
    """Compare, print and, if asked, write JSON."""
    mujoco, bullet = Scene(SceneConfig()), Scene(SceneConfig(), BulletEngine)
    pictures, angles_deg, costs = [], [], {"mujoco": [], "pybullet": []}
    for seed in range(arguments.tables):
        mujoco.reset(seed)
        bullet.reset(seed)
        pictures.append(picture_difference(mujoco, bullet))
        rng = np.random.default_rng([seed, 1])
        way = rng.uniform(-1.0, 1.0, len(STEP_RAD)) * STEP_RAD * np.sign(np.arange(TICKS) - TICKS / 2 + 0.5)[:, None]
        angles_deg.append(np.rad2deg(np.abs(driven(mujoco, way) - driven(bullet, way)).mean()))
        costs["mujoco"].append(cpu_ms(lambda: mujoco.advance(1.0)))
        costs["pybullet"].append(cpu_ms(lambda: bullet.advance(1.0)))
    found = {
        f"picture difference, {camera.name}": round(float(np.mean([each[camera.name] for each in pictures])), 2)
        for camera in CAMERAS
    }
    found["joint angle difference, degrees"] = round(float(np.mean(angles_deg)), 2)
    found |= {f"{name}: ms a simulated second": round(float(np.median(ms)), 1) for name, ms in costs.items()}
    for name, value in found.items():
        print(f"{name}: {value}")
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main(tyro.cli(Arguments))
