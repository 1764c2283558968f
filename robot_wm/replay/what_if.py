"""What another controller would have done of what was seen then: another checkpoint, planner setting or instruction.

It is shown the logged observations; what it would have done does not change what it sees next. It always searches to
the end, whatever its deadline, so that the answer is the same every time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import nan

import numpy as np

from robot_wm.agents.planner import PlannerAgent
from robot_wm.errors import LogError, RefusedError
from robot_wm.goals import Task
from robot_wm.log.entries import Entry, LogGoal, LogLook, LogTick
from robot_wm.records import Decision, Instruction, Refusal
from robot_wm.types import Floats, Observation


@dataclass(frozen=True)
class SideBySide:
    """One tick: what was decided, and what the other would have decided."""

    number: int  # in the file
    goal: str  # what the other pursued, in words
    logged: Floats  # (5,)
    other: Floats  # (5,)
    logged_source: str
    other_source: str
    logged_steps: float  # to the goal, as believed
    other_steps: float
    logged_cost: float  # of the plan, in ticks; nan where there is none
    other_cost: float

    @property
    def apart_mm(self) -> float:
        """How far apart the two steps of the tool end."""
        return float(1e3 * np.linalg.norm(self.logged[:3] - self.other[:3]))


def compare(
    entries: Iterable[Entry], agent: PlannerAgent, iterations: int, instruction: str | None = None
) -> list[SideBySide]:
    """Feed a log's entries to the other agent. Raises RefusedError where it would refuse the other instruction."""
    rows, tasks, look = list[SideBySide](), tuple[Task, ...](), None
    goals, words = 0, ""
    for entry in entries:
        if isinstance(entry, LogLook):
            look = entry.observation
            if entry.purpose == "understand":
                tasks = _understood(agent, instruction, look)
        elif isinstance(entry, LogGoal):
            if look is None:
                raise LogError("a goal comes before any look; the log's beginning is missing")
            task = tasks[min(goals, len(tasks) - 1)] if tasks else Task.from_json(entry.task)
            words, goals = agent.start(task, look).words, goals + 1
        elif isinstance(entry, LogTick) and not entry.missing:
            rows.append(_row(len(rows), words, entry, agent.decide(entry.observation, iterations)))
    return rows


def _understood(agent: PlannerAgent, instruction: str | None, seen: Observation) -> tuple[Task, ...]:
    """What the other instruction means on this table; nothing where there is no other one."""
    if instruction is None:
        agent.look(seen)
        return ()
    reply = agent.understand(Instruction(instruction), seen)
    if isinstance(reply, Refusal):
        raise RefusedError(f"the other instruction would be refused: {reply.words}")
    return reply.tasks


def _row(number: int, goal: str, tick: LogTick, other: Decision) -> SideBySide:
    logged = tick.decision
    return SideBySide(
        number=number,
        goal=goal,
        logged=np.asarray(logged.action, dtype=np.float64),
        other=np.asarray(other.action, dtype=np.float64),
        logged_source=tick.held or logged.source,
        other_source=other.source,
        logged_steps=logged.steps_to_goal,
        other_steps=other.steps_to_goal,
        logged_cost=nan if logged.plan is None else logged.plan.cost,
        other_cost=nan if other.plan is None else other.plan.cost,
    )
