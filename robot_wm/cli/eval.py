"""Evaluate an agent on a suite of tasks in simulation."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import tyro

from robot_wm.errors import ConfigError


@dataclass(frozen=True)
class EvalArguments:
    """Play episodes and let the simulator judge them. The same seed gives every agent the same episodes."""

    suite: str = "tabletop"  # or tabletop-shifted: objects bumped, unseen mass, friction, servo gains and latency
    episodes: int = 50
    seed: int = 1000
    policy: str = "planner"  # planner, prior (action head alone), random, hold, oracle (scripted, sees the true state)
    arm: str = "mujoco"
    instructions: Path | None = None  # JSON lines {"instruction", "goal"[, "scene"]}; without: generated ones
    json: Path | None = None  # write all figures there; python -m robot_wm.evaluate.compare compares two
    log: Path | None = None  # folder for one .mcap file per episode
    workers: int = 1  # processes
    checkpoint: Path | None = None  # weights to use instead of the shipped ones
    force: bool = False  # use the weights although the arm's joint ranges are wider than in training
    understand: Literal["language", "given"] = "language"  # given: goals instead of words, to evaluate all but language
    shuffle_instructions: bool = False  # control condition: each episode gets another one's instruction


def main(arguments: EvalArguments) -> int:
    """Run the episodes, print the table and write the figures."""
    from rich.console import Console

    from robot_wm import registry
    from robot_wm.cli.eval_table import figures_table, follow
    from robot_wm.evaluate.episodes import lay_out
    from robot_wm.evaluate.instructions import read_lines
    from robot_wm.evaluate.logs import EpisodeLogs, log_folder
    from robot_wm.evaluate.recipe import Recipe
    from robot_wm.evaluate.run import Outcome
    from robot_wm.evaluate.summary import summarise
    from robot_wm.evaluate.workers import play_all
    from robot_wm.files import require_writable, write_whole
    from robot_wm.station.make import require_arm

    if arguments.json is not None:
        require_writable(arguments.json)
    if arguments.seed < 0:
        raise ConfigError(f"--seed must be 0 or more, received {arguments.seed}")
    suite = registry.find(registry.SUITES, arguments.suite)()
    require_arm(arguments.arm)  # before any process starts
    given = arguments.understand == "given"
    recipe = Recipe(arguments.policy, arguments.arm, arguments.checkpoint, given, arguments.force)
    lines = None if arguments.instructions is None else read_lines(arguments.instructions)
    episodes = lay_out(arguments.episodes, arguments.seed, lines, arguments.shuffle_instructions)
    console = Console(file=sys.stderr)
    logs = None if arguments.log is None else EpisodeLogs(log_folder(arguments.log), arguments.arm)
    done: list[Outcome] = []

    def figures() -> dict[str, object]:
        return summarise(sorted(done, key=lambda each: each.episode.index), suite, recipe, arguments.seed)

    try:
        follow(play_all(recipe, suite, episodes, arguments.workers, logs), len(episodes), console, done)
    except BaseException:
        if arguments.json is not None and done:
            kept = arguments.json.with_name(arguments.json.name + ".partial")
            write_whole(kept, _page(figures()))
            console.print(f"the {len(done)} episodes played so far are in {kept}", style="yellow", soft_wrap=True)
        raise
    Console().print(figures_table(figures()))
    if arguments.json is not None:
        write_whole(arguments.json, _page(figures()))
    return 0


def _page(figures: dict[str, object]) -> bytes:
    return (json.dumps(figures, indent=1) + "\n").encode()


def run(argv: list[str]) -> int:
    """Entry point of `robot-wm eval`."""
    return main(tyro.cli(EvalArguments, args=argv, prog="robot-wm eval"))
