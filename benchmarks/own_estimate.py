"""How far the policy's own word that it is there can be trusted, where no simulator says so: on a real arm.

    python -m benchmarks.own_estimate --episodes 56

Goals given, on unseen tables; the policy goes on after the goal is reached, as it would on a real arm, until it has
claimed the goal (`robot_wm.control.judging.OwnEstimate`) or the ticks run out. A tick is true where the simulator's
judge holds the goal for reached by then. Prints the reliability of `done_probability` by tenths (ticks, share true),
the logistic curve of steps to goal that fits it best, and how often claim and truth agree at the end.
"""

import json
from dataclasses import dataclass

import numpy as np
import torch
import tyro
from numpy.typing import NDArray

from robot_wm.actions import CartesianActions
from robot_wm.control.judging import OwnEstimate
from robot_wm.control.loop import Tick, observe, run_goal
from robot_wm.evaluate.episodes import Episode, lay_out
from robot_wm.evaluate.learned import Learned
from robot_wm.kinematics import Kinematics
from robot_wm.planning.agent import done_probability
from sim.workbench import SimBench, mujoco_bench

TICKS = 120


@dataclass(frozen=True)
class Arguments:
    """Measure the policy's own estimate."""

    episodes: int = 56
    seed: int = 9500


@dataclass(frozen=True)
class Try:
    """One episode: a value a tick, and how it ended."""

    steps: tuple[float, ...]
    true: tuple[bool, ...]
    claims: bool  # at the end


def tried(bench: SimBench, policy: Learned, episode: Episode) -> Try | None:
    """Play one episode; None where there was nothing to do."""
    bench.reset(episode.seed, episode.names, episode.away)
    goal, seen = episode.line.goals[0], observe(bench.arm, bench.cameras)
    policy.understand(episode.said, seen, episode.seed)
    agent, aim = policy.take_up(goal, seen)
    truth, own, true = bench.judge(goal), OwnEstimate(), list[bool]()
    if truth.already_done:
        return None

    def on_tick(tick: Tick) -> None:
        truth.update(tick.decision)
        true.append(truth.done)

    actions = CartesianActions(Kinematics(bench.arm.spec))
    result = run_goal(bench.arm, bench.cameras, bench.clock, agent, actions, aim, own, TICKS, on_tick)
    return Try(result.steps_to_goal, tuple(true), own.done)


def fitted(steps: NDArray[np.float64], true: NDArray[np.bool_]) -> dict[str, float]:
    """Middle and slope of the logistic curve that makes the truth likeliest."""
    x, y = torch.tensor(steps), torch.tensor(true, dtype=torch.float64)
    curve = torch.tensor([3.0, 1.0], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([curve], max_iter=200)

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        value = torch.nn.functional.binary_cross_entropy_with_logits((curve[0] - x) * curve[1], y)
        value.backward()
        return value

    optimiser.step(loss)  # pyright: ignore[reportArgumentType]
    middle, slope = curve.detach().tolist()
    return {"middle": round(middle, 2), "slope": round(slope, 2)}


def main(arguments: Arguments) -> int:
    """Print the figures as JSON."""
    torch.set_num_threads(1)
    with mujoco_bench("tabletop") as bench:
        policy = Learned("planner", None, bench.arm.spec, given=True)
        tries = [t for e in lay_out(arguments.episodes, arguments.seed, None) if (t := tried(bench, policy, e))]
    steps, true = np.concatenate([t.steps for t in tries]), np.concatenate([t.true for t in tries])
    tenth = np.array([int(min(9, 10 * done_probability(each))) for each in steps])
    ends = [(t.claims, t.true[-1]) for t in tries]
    figures = {
        "episodes": len(tries),
        "reliability": {
            f"{k / 10:.1f}": [int((tenth == k).sum()), round(float(true[tenth == k].mean()), 2)]
            for k in sorted(set(tenth.tolist()))
        },
        "best": fitted(steps, true),
        "claimed_and_true": sum(a and b for a, b in ends),
        "claimed_but_not_true": sum(a and not b for a, b in ends),
        "true_but_not_claimed": sum(b and not a for a, b in ends),
        "neither": sum(not a and not b for a, b in ends),
    }
    print(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(tyro.cli(Arguments)))
