"""How far the policy's own word that it is there can be trusted, where no simulator says so: on a real arm.

    python -m benchmarks.own_estimate --seed 9500     # what the constants in robot_wm/agents/planner.py are fitted on
    python -m benchmarks.own_estimate --seed 9900     # how good they are on other tables

Goals given, on unseen tables; the policy goes on for a while after the simulator's judge holds the goal for reached.
Prints the logistic curve of steps to goal that makes each tick's truth likeliest, the reliability of `done_probability`
by tenths (ticks, share true), and how often the claim by which an arm stops (`robot_wm.control.judging.OwnEstimate`) is
true when it is made.
"""

import json
from dataclasses import dataclass, replace
from typing import final

import numpy as np
import torch
import tyro
from numpy.typing import NDArray
from scipy.optimize import minimize

from robot_wm.agents.make import open_agent
from robot_wm.control.agent import Agent
from robot_wm.control.judging import Judge, OwnEstimate
from robot_wm.evaluate.episodes import Episode, make_episodes
from robot_wm.records import Decision, Instruction
from robot_wm.session.session import Rules, Session
from robot_wm.world_model import SuccessCalibration
from sim.station import SimStation, mujoco_station

TICKS = 150
AFTER_TICKS = 15  # that a reached goal is watched on


@dataclass(frozen=True)
class Arguments:
    """Measure the policy's own estimate."""

    episodes: int = 56
    seed: int = 9900


@dataclass(frozen=True)
class Try:
    """One episode, a value a tick: what was believed, and whether the goal was reached by the end of the tick."""

    steps: tuple[float, ...]
    true: tuple[bool, ...]

    def claimed_at(self) -> int | None:
        """The tick after which an arm would stop; None where it would not."""
        own = OwnEstimate()
        for tick, steps in enumerate(self.steps):
            own.update(replace(_NOTHING, done_probability=SuccessCalibration().probability(steps)))
            if own.done:
                return tick
        return None


@final
class Watched:
    """Implements `Judge`: the simulator's, believed only a while later."""

    judged_by = "simulator"
    already_done = False

    def __init__(self, truth: Judge) -> None:
        self._truth = truth
        self.true: list[bool] = []

    @property
    def done(self) -> bool:
        return sum(self.true) > AFTER_TICKS

    def update(self, decision: Decision) -> None:
        self._truth.update(decision)
        self.true.append(self._truth.done)


_NOTHING = Decision(np.zeros(5))


def tried(station: SimStation, agent: Agent, episode: Episode) -> Try | None:
    """Play one episode; None where there was nothing to do."""
    station.reset(episode.seed, episode.names, episode.away)
    goal = episode.line.goals[0]
    truth = station.judge(goal)
    if truth.already_done:
        return None
    session = Session(station, agent, rules=Rules(park=False))
    session.understand(Instruction(episode.said.instruction, episode.line.goals))
    watched = Watched(truth)
    result = session.pursue(goal, watched, TICKS)
    return Try(result.steps_to_goal, tuple(watched.true))


def fitted(steps: NDArray[np.float64], true: NDArray[np.bool_]) -> dict[str, float]:
    """Middle and slope of the logistic curve that makes the truth likeliest."""
    sign = np.where(true, -1.0, 1.0)
    found = minimize(lambda curve: np.logaddexp(0.0, sign * curve[1] * (curve[0] - steps)).mean(), (3.0, 1.0))
    return {"middle": round(float(found.x[0]), 2), "slope": round(float(found.x[1]), 2)}


def figures(tries: list[Try]) -> dict[str, object]:
    """All that is printed."""
    steps, true = np.concatenate([t.steps for t in tries]), np.concatenate([t.true for t in tries])
    tenth = np.array([int(min(9, 10 * SuccessCalibration().probability(each))) for each in steps])
    claims = [(t.claimed_at(), t.true) for t in tries]
    return {
        "episodes": len(tries),
        "best": fitted(steps, true),
        "reliability": {
            f"{k / 10:.1f}": [int((tenth == k).sum()), round(float(true[tenth == k].mean()), 2)]
            for k in sorted(set(tenth.tolist()))
        },
        "claimed_and_true": sum(at is not None and was[at] for at, was in claims),
        "claimed_but_not_true": sum(at is not None and not was[at] for at, was in claims),
        "true_but_not_claimed": sum(at is None and was[-1] for at, was in claims),
        "neither": sum(at is None and not was[-1] for at, was in claims),
    }


def main(arguments: Arguments) -> int:
    """Print the figures as JSON."""
    torch.set_num_threads(1)
    with mujoco_station("tabletop") as station:
        agent = open_agent("planner", station, language=False)
        tries = [t for e in make_episodes(arguments.episodes, arguments.seed, None) if (t := tried(station, agent, e))]
    print(json.dumps(figures(tries), indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(tyro.cli(Arguments)))
