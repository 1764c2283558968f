"""The learned policy: sees, remembers, plans and says how far it thinks it is. One goal at a time."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from robot_wm.action_space import ACTION_HIGH, ACTION_LOW
from robot_wm.goals import NAMES, Task
from robot_wm.language.grounding import Grounding
from robot_wm.planning.mppi import MPPI, Plan, PlannerConfig
from robot_wm.records import Decision, Refusal, Understanding
from robot_wm.types import Goal, Observation, PlanRecord
from robot_wm.world_model.protocol import WorldModel
from robot_wm.world_model.wam.tracking import Memory

_DONE_STEPS, _DONE_SLOPE = 4.34, 1.03  # as `python -m benchmarks.own_estimate --seed 9500` fits them


def done_probability(steps: float) -> float:
    """That a goal is reached, in [0, 1], by the steps that are believed to be left."""
    return 1.0 / (1.0 + math.exp(min(50.0, _DONE_SLOPE * (steps - _DONE_STEPS))))


class _Planner(Protocol):
    def reset(self) -> None: ...

    def plan(self, z: torch.Tensor, goal: torch.Tensor, iterations: int | None = None) -> Plan: ...


@dataclass(frozen=True)
class Prior:
    """The action head alone, without search: the floor that planning must beat."""

    model: WorldModel

    def reset(self) -> None:
        """Nothing is remembered."""

    @torch.inference_mode()
    def plan(self, z: torch.Tensor, goal: torch.Tensor, iterations: int | None = None) -> Plan:
        """The action head's likeliest chunk."""
        chunk, left = self.model.propose(z, goal[None]).best[0], float(self.model.score(z, goal[None])[0])
        nan = float("nan")
        return Plan(chunk, nan, nan, "prior", 0, z.expand(1, -1), nan, torch.zeros(0), left)


class Agent:
    """Implements `robot_wm.control.policy.Policy` over any world model."""

    def __init__(self, model: WorldModel, planner: _Planner, grounding: Grounding | None = None) -> None:
        self._model, self._planner, self._grounding = model, planner, grounding
        self._names: tuple[str, ...] | None = None
        self._goal: Goal | None = None
        self._memory = Memory(model)

    def look(self, observation: Observation) -> dict[str, float]:
        """Probability of each name to be on the table, by what is seen now."""
        scene = self._model.look(observation)
        return {name: float(p) for name, p in zip(NAMES, scene.presence, strict=True)}

    def understand(self, instruction: str, observation: Observation) -> Understanding | Refusal:
        """What an instruction means on this table. Raises InstructionError for what is no text at all."""
        if self._grounding is None:
            raise RuntimeError("this agent was made without language")
        present = self.look(observation)
        self.follow(present)
        return self._grounding.understand(instruction, present)

    def follow(self, present: dict[str, float]) -> None:
        """Fix which things the latent follows: those more probable than not, the likeliest first."""
        likely = sorted((name for name in present if present[name] > 0.5), key=lambda name: -present[name])
        self._names = tuple(likely)

    def goal(self, task: Task, observation: Observation) -> Goal:
        """The point in goal space that `task` means from what is seen now."""
        if self._names is None:
            self.follow(self.look(observation))
        missing = [name for name in task.names if name not in (self._names or ())]
        names = [*task.names, *(name for name in self._names or () if name not in task.names)]
        self._names = tuple(names) if missing else self._names
        return self._model.goal(self._model.encode([observation], self._ordered()), task)

    def start(self, goal: Goal) -> None:
        """Take up a goal; the last plan and what was remembered for it are forgotten."""
        self._goal = goal
        self._memory = Memory(self._model)
        self._planner.reset()

    @torch.inference_mode()
    def decide(self, observation: Observation, iterations: int | None = None) -> Decision:
        """Encode, plan and score. Needs `start` first. `iterations`: as many of the search as a replay needs.

        Where the latent is not finite, nor is the action, and nothing of it is remembered.
        """
        assert self._goal is not None, "decide() before start()"
        started_s = time.perf_counter()
        z = self._memory.fuse(self._model.encode([observation], self._ordered()))
        if not torch.isfinite(z).all():
            self._memory = Memory(self._model)
            return Decision(np.full(len(ACTION_LOW), np.nan), source="hold")
        plan = self._planner.plan(z, torch.tensor(self._goal.point), iterations)
        action = plan.actions[0]
        self._memory.acted(action)
        return Decision(
            action=np.clip(action.numpy(), ACTION_LOW, ACTION_HIGH),
            steps_to_goal=plan.left,
            done_probability=done_probability(plan.left),
            plan_ms=1e3 * (time.perf_counter() - started_s),
            source=plan.source,
            imagined=lambda: self._pictures(plan),
            plan=_record(plan),
        )

    def _ordered(self) -> Sequence[str] | None:
        return self._names

    def _pictures(self, plan: Plan) -> NDArray[np.uint8]:
        return self._model.decode(plan.imagined)


def _record(plan: Plan) -> PlanRecord:
    """The plan without torch, for logs."""
    chunk, costs, imagined = (each.float().numpy() for each in (plan.actions, plan.costs, plan.imagined))
    return PlanRecord(chunk, plan.cost, plan.prior_cost, costs, plan.iterations, plan.spread, imagined)


def make_agent(
    model: WorldModel, policy: str, config: PlannerConfig, grounding: Grounding | None = None, seed: int = 0
) -> Agent:
    """The agent of `--policy planner` or `--policy prior`."""
    if policy == "prior":
        return Agent(model, Prior(model), grounding)
    low, high = (torch.tensor(bound, dtype=torch.float32) for bound in (ACTION_LOW, ACTION_HIGH))
    return Agent(model, MPPI(model, config, low, high, seed), grounding)
