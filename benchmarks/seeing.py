"""How well a checkpoint sees unseen tables: where things are, what is there, and what it makes up; by kind.

    python benchmarks/seeing.py --tables 300

Each table is laid afresh with things drawn at random, the arm at rest; one look, no memory. Position error is the
distance to the true centre of everything that is there, believed in or not. Missed: there, but believed less likely
than not; invented: the other way round, as a share of the tables.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro
from numpy.typing import NDArray

from robot_wm.goals import KINDS, NAMES, kind_of


@dataclass(frozen=True)
class Arguments:
    """Measure what is seen at first sight."""

    tables: int = 300
    seed: int = 7000  # of the first table; no training run has used it
    checkpoint: Path | None = None  # instead of the shipped one


@dataclass(frozen=True)
class Looks:
    """T looks at T tables, a column a name."""

    there: NDArray[np.bool_]  # (T, 24)
    believed: NDArray[np.bool_]  # (T, 24)
    error_mm: NDArray[np.float64]  # (T, 24); means something where a thing is there

    def figures(self, kinds: tuple[str, ...]) -> dict[str, float | int]:
        """Of the names of some kinds."""
        chosen = np.array([kind_of(name) in kinds for name in NAMES])
        there, believed, error_mm = self.there[:, chosen], self.believed[:, chosen], self.error_mm[:, chosen]
        median, p95 = np.quantile(error_mm[there], [0.5, 0.95])
        return {
            "things": int(there.sum()),
            "error_mm_p50": round(float(median), 1),
            "error_mm_p95": round(float(p95), 1),
            "missed": round(float((there & ~believed).sum() / there.sum()), 4),
            "invented_per_table": round(float((believed & ~there).sum() / len(there)), 4),
        }


def look(arguments: Arguments) -> Looks:
    """Lay the tables and look at each once."""
    from robot_wm.types import Frame, Observation
    from robot_wm.world_model.wam.checkpoint import load
    from sim.collect import source
    from sim.play import PlayConfig, draw_names, draw_skill
    from sim.scene import Scene

    scene, config = Scene(source("tabletop").scene), PlayConfig()
    model = load(arguments.checkpoint, scene.kinematics)
    rows = []
    for seed in range(arguments.seed, arguments.seed + arguments.tables):
        rng = np.random.default_rng(seed)
        skills = ("reach", "push", "push_to", "lift", "place", "stack")
        scene.reset(seed, draw_names(rng, draw_skill(rng, config, skills), config, scene.config.things_max))
        frames = {name: Frame(scene.render(name), 0.0) for name in scene.cameras}
        seen, truth = model.locate(Observation(frames, scene.arm.read(), scene.arm.sent)), scene.table()
        error_mm = 1e3 * np.linalg.norm(seen.position_m - truth[:, 1:4], axis=1)
        rows.append((truth[:, 0] > 0.5, seen.presence > 0.5, error_mm))
    scene.close()
    return Looks(*(np.stack(column) for column in zip(*rows, strict=True)))


def main(arguments: Arguments) -> int:
    """Print the figures as JSON."""
    looks = look(arguments)
    figures: dict[str, object] = {"tables": arguments.tables, "seed": arguments.seed, "all": looks.figures(KINDS)}
    figures |= {kind: looks.figures((kind,)) for kind in KINDS}
    figures["tables_with_a_mistake"] = round(float((looks.there != looks.believed).any(axis=1).mean()), 4)
    print(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    os.environ.setdefault("MUJOCO_GL", "egl")
    raise SystemExit(main(tyro.cli(Arguments)))
