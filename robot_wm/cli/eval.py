"""Evaluate a policy on a task suite in simulation."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import tyro

from robot_wm.errors import ConfigError

if TYPE_CHECKING:
    from robot_wm.evaluate.episodes import Episode


@dataclass(frozen=True)
class EvalArguments:
    """Run episodes, judged by the simulator. The same seed gives every policy the same episodes."""

    suite: str = "tabletop"  # tabletop, or tabletop-shifted: bumps, unseen mass, friction, servo gains, latency
    episodes: int = 50  # number of episodes
    seed: int = 1000  # random seed of the episodes
    policy: str = "planner"  # planner, prior (action head only), random, hold, oracle (scripted; sees the true state)
    arm: str = "mujoco"  # simulated arm: a name, or a YAML file that describes one
    instructions: Path | None = None  # JSON lines {"instruction", "goal"[, "scene"]}; if omitted, generated
    json: Path | None = None  # file for all figures; python -m robot_wm.evaluate.compare compares two
    log: Path | None = None  # folder for one .mcap log per episode
    workers: int = 1  # number of processes
    checkpoint: Path | None = None  # model weights; if omitted, the shipped checkpoint
    force: bool = False  # accept joint ranges of the arm that are wider than in training
    understand: Literal["language", "given"] = "language"  # language: pass text; given: pass goals instead
    shuffle_instructions: bool = False  # control condition: swap instructions among episodes


def main(arguments: EvalArguments) -> int:
    """Run the episodes, print the table and write the figures."""
    from rich.console import Console

    from robot_wm import registry
    from robot_wm.cli.eval_table import figures_table, follow
    from robot_wm.evaluate.logs import EpisodeLogs, log_folder
    from robot_wm.evaluate.recipe import Recipe
    from robot_wm.evaluate.run import Outcome
    from robot_wm.evaluate.summary import summarise
    from robot_wm.evaluate.workers import play_all
    from robot_wm.files import require_writable, write_whole
    from robot_wm.station.make import require_arm

    if arguments.json is not None:
        require_writable(arguments.json)
    suite = registry.find(registry.SUITES, arguments.suite)()
    require_arm(arguments.arm)  # fail before any process starts
    given = arguments.understand == "given"
    recipe = Recipe(arguments.policy, arguments.arm, arguments.checkpoint, given, arguments.force)
    episodes = _episodes(arguments)
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
            console.print(f"stopped early: {len(done)} finished episodes are in {kept}", style="yellow", soft_wrap=True)
        raise
    Console().print(figures_table(figures()))
    if arguments.json is not None:
        write_whole(arguments.json, _page(figures()))
    return 0


def _episodes(arguments: EvalArguments) -> "list[Episode]":
    from robot_wm.evaluate.episodes import make_episodes
    from robot_wm.evaluate.instructions import read_lines

    if arguments.seed < 0:
        raise ConfigError(f"--seed must be 0 or more, received {arguments.seed}")
    lines = None if arguments.instructions is None else read_lines(arguments.instructions)
    return make_episodes(arguments.episodes, arguments.seed, lines, arguments.shuffle_instructions)


def _page(figures: dict[str, object]) -> bytes:
    return (json.dumps(figures, indent=1) + "\n").encode()


def run(argv: list[str]) -> int:
    """Entry point of `robot-wm eval`."""
    return main(tyro.cli(EvalArguments, args=argv, prog="robot-wm eval"))
