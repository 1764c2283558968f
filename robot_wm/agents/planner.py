"""The learned agent: observes and plans with a world model of any family, and estimates its progress.

Requests that need a capability that the model lacks are refused with that reason. Knows no family and no arm.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import final

import numpy as np
import torch

from robot_wm.control.agent import Agent, accept_given
from robot_wm.errors import RefusedError
from robot_wm.goals import Task
from robot_wm.language.grounding import Grounding
from robot_wm.planning.plan import Plan, Searcher
from robot_wm.records import AgentRecord, Decision, Instruction, Picture, Refusal, Understanding
from robot_wm.types import Goal, Observation
from robot_wm.world_model.protocol import Decodes, Locates, Scores, State, WorldModel


@dataclass(frozen=True)
class _Pursuit:
    """The current goal: its point, the latest state, and the action since then."""

    goal: torch.Tensor  # (g,)
    state: State
    action: torch.Tensor | None = None  # (a,)


@final
class PlannerAgent(Agent):
    """Pursues goals with a world model and a search."""

    def __init__(
        self, model: WorldModel, searcher: Searcher, record: AgentRecord, grounding: Grounding | None = None
    ) -> None:
        """Assemble the agent.

        Args:
            model: World model, opened for the arm that the agent will see.
            searcher: Planner over the same model.
            record: Description of the agent for logs.
            grounding: Interprets instructions; None if goals are always given.
        """
        self._model, self._searcher, self._record, self._grounding = model, searcher, record, grounding
        self._scores = model if isinstance(model, Scores) else None
        self._locates = model if isinstance(model, Locates) else None
        self.reset(record.seed)

    def reset(self, seed: int) -> None:
        """Clear all state. The search restarts its random draws with each goal, independent of the session's seed."""
        self._names: tuple[str, ...] | None = None  # followed by the state, most important first
        self._pursuit: _Pursuit | None = None

    def describe(self) -> AgentRecord:
        return self._record

    def look(self, observation: Observation) -> Mapping[str, float]:
        """Locate objects, follow those seen, and return the probability that each named object is present.

        Returns an empty mapping if the model cannot locate objects.
        """
        if self._locates is None:
            return {}
        scene = self._locates.locate(observation)
        self._names = scene.likely
        return scene.probabilities

    def understand(self, instruction: Instruction, observation: Observation) -> Understanding | Refusal:
        present = self.look(observation)
        given = accept_given(instruction)
        if given is not None:
            return given
        if self._locates is None:
            return Refusal(
                f"{type(self._model).__name__} cannot locate objects, so text cannot be grounded; give the agent goals",
                "unlocated",
            )
        if self._grounding is None:
            return Refusal("this agent was opened without language; give it goals", "languageless")
        return self._grounding.understand(instruction.text, present)

    def start(self, task: Task | None, observation: Observation) -> Goal:
        """Place a goal and pursue it. Raises RefusedError without a goal, or if the model cannot score it."""
        if task is None:
            raise RefusedError(
                "a planner needs a goal, received none; give one, or drive the arm with robot-wm record --by keyboard"
            )
        if self._scores is None:
            raise RefusedError(f"{type(self._model).__name__} cannot score goals, so it cannot pursue one")
        self._follow_all(task, observation)
        goal = self._scores.place_goal(self._model.observe(self._fresh_state(), observation, None), task)
        self.pursue(goal)
        return goal

    def pursue(self, goal: Goal) -> None:
        """Pursue a placed goal; the previous plan and its state are dropped."""
        state = self._fresh_state()
        self._pursuit = _Pursuit(torch.tensor(goal.point, device=state.latent.device), state)
        self._searcher.reset()

    @torch.inference_mode()
    def decide(self, observation: Observation, iterations: int | None = None) -> Decision:
        """Observe, plan and score. Requires `start` first.

        Args:
            observation: The current observation.
            iterations: Number of search iterations, for replays; None searches until the deadline.

        Returns:
            The first action of the plan. If the latent is not finite, neither is the action, and the state is reset.
        """
        assert self._pursuit is not None and self._scores is not None, "decide() before start()"
        started_s, goal, space = time.perf_counter(), self._pursuit.goal, self._model.actions
        state = self._model.observe(self._pursuit.state, observation, self._pursuit.action)
        if not torch.isfinite(state.latent).all():
            self._pursuit = _Pursuit(goal, self._fresh_state())
            return Decision(np.full(len(space.low), nan), source="hold")
        hold = torch.tensor(space.hold(observation.sent), dtype=torch.float32)
        plan = self._searcher.plan(state, goal, hold, iterations)
        self._pursuit = _Pursuit(goal, state, plan.actions[0])
        return Decision(
            action=np.clip(plan.actions[0].cpu().numpy(), space.low, space.high),
            steps_to_goal=plan.steps_left,
            done_probability=self._scores.done_probability(plan.steps_left),
            plan_ms=1e3 * (time.perf_counter() - started_s),
            source=plan.source,
            imagined=(lambda: self._pictures(plan)) if isinstance(self._model, Decodes) else None,
            plan=plan.record(),
        )

    def _follow_all(self, task: Task, observation: Observation) -> None:
        """Follow all objects that a task names; if any is not followed yet, put them first."""
        if self._names is None:
            self.look(observation)
        names = self._names or ()
        if any(name not in names for name in task.names):
            self._names = (*task.names, *(name for name in names if name not in task.names))

    def _fresh_state(self) -> State:
        state = self._model.initial_state()
        return state if self._locates is None else self._locates.follow(state, self._names or ())

    def _pictures(self, plan: Plan) -> Picture:
        assert isinstance(self._model, Decodes)
        return self._model.decode(plan.imagined)
