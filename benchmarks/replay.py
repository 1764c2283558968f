"""Do logged episodes replay to the last bit, and is what was changed in them caught and named?

    python benchmarks/replay.py --arms mujoco pybullet emulated --episodes 100 --json replay.json

Records episodes of the planner on each arm, then replays each log: its decisions, its simulation, and the decisions
of its first ticks with one bit of the weights flipped, one planner setting changed and one observation edited. Logs
are kept where --logs says, else thrown away. Each worker computes with one thread.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
import tyro

from robot_wm import registry
from robot_wm.config import save_config
from robot_wm.evaluate.episodes import Episode, lay_out
from robot_wm.evaluate.logs import EpisodeLogs
from robot_wm.evaluate.recipe import Recipe
from robot_wm.evaluate.run import run_episode
from robot_wm.log.entries import Entry, LogHeader, LogTick
from robot_wm.log.read import Log, load_log
from robot_wm.replay.rebuild import Changes, find_checkpoint, planner_config
from robot_wm.replay.report import Outcome
from robot_wm.replay.runs import replay_closed_loop, replay_decisions
from robot_wm.station.make import make
from robot_wm.station.station import Station
from robot_wm.types import ArmState

CAUSES = {"weights": "model hash", "setting": "config", "observation": "observation"}
SHARE = 5  # episodes that a worker does with one station
CHANGED_TICKS = 10  # of a log, with something changed in it


@dataclass(frozen=True)
class Arguments:
    """What to record and replay."""

    arms: tuple[str, ...] = ("mujoco", "pybullet", "emulated")
    episodes: int = 100  # in all, shared out among the arms
    ticks: int = 30  # of each goal, at most
    seed: int = 11
    workers: int = 2  # processes
    checkpoint: Path | None = None  # the shipped one where None
    logs: Path | None = None  # keep the logs in this folder
    json: Path | None = None


@dataclass(frozen=True)
class Found:
    """What one replay of one log said."""

    exit_status: int
    words: str
    values: Mapping[str, Any]

    @classmethod
    def of(cls, outcome: Outcome) -> "Found":
        """Without plots."""
        return cls(outcome.exit_status, outcome.words, dict(outcome.values))


@dataclass(frozen=True)
class Share:
    """Episodes of one arm that are recorded and replayed in one go."""

    arm: str
    episodes: Sequence[Episode]
    ticks: int
    checkpoint: Path | None
    folder: Path  # of the logs

    def run(self) -> list[dict[str, Found]]:
        """Every kind of replay of each episode's log; none of those that were solved before they began."""
        torch.set_num_threads(1)
        paths = list(self._record())
        with tempfile.TemporaryDirectory() as scratch:
            return [replay_all(path, Path(scratch)) for path in paths]

    def _record(self) -> Iterator[Path]:
        tabletop = registry.find(registry.SUITES, "tabletop")()
        suite = replace(tabletop, ticks_max=self.ticks, ticks_max_by_skill={})
        recipe, logs = Recipe("planner", self.arm, self.checkpoint, True), EpisodeLogs(self.folder, self.arm)
        station, agent = recipe.open(suite)
        with station:
            for episode in self.episodes:
                run_episode(station, agent, suite, episode, recipe.instruction(episode.said), logs)
                yield from self.folder.glob(f"episode-{episode.index:06d}.mcap")


def shares(arguments: Arguments, folder: Path) -> Iterator[Share]:
    """All episodes, dealt out to the arms in turn."""
    episodes = lay_out(arguments.episodes, arguments.seed, None)
    for place, arm in enumerate(arguments.arms):
        own = iter(episodes[place :: len(arguments.arms)])
        (folder / arm).mkdir(parents=True)
        while part := list(islice(own, SHARE)):
            yield Share(arm, part, arguments.ticks, arguments.checkpoint, folder / arm)


class Beginning:
    """The first ticks of a log; in the observation of number `edited`, one joint's last bit is another."""

    def __init__(self, log: Log, edited: int | None = None) -> None:
        self._log, self.path, self.closed, self.damage = log, log.path, log.closed, log.damage
        self.header: LogHeader = log.header
        self._edited = edited

    def attachments(self) -> dict[str, bytes]:
        """As in the log."""
        return self._log.attachments()

    def entries(self) -> Iterator[Entry]:
        """As in the log, but for one."""
        place = 0
        for entry in self._log.entries():
            if isinstance(entry, LogTick):
                if place == CHANGED_TICKS:
                    return
                yield _edited(entry) if place == self._edited else entry
                place += 1
            else:
                yield entry


def _edited(tick: LogTick) -> LogTick:
    state = tick.observation.state
    q_rad = state.q_rad.copy()
    q_rad[1] = np.nextafter(q_rad[1], 9.0)
    edited = ArmState(q_rad, state.dq_rad_s, state.effort, state.gripper, state.stamp_s)
    return replace(tick, observation=replace(tick.observation, state=edited))


def flipped(weights: Path, to: Path) -> Path:
    """A copy of a checkpoint with the lowest bit of one weight flipped."""
    data = bytearray(weights.read_bytes())
    header = int.from_bytes(data[:8], "little")
    data[8 + header + (len(data) - 8 - header) // 4 * 2] ^= 1
    to.write_bytes(bytes(data))
    return to


def replay_all(path: Path, folder: Path) -> dict[str, Found]:
    """Every kind of replay of one log."""
    log = load_log(path)
    ticks = min(CHANGED_TICKS, sum(1 for _ in log.ticks()))
    start, edited = Beginning(log), Beginning(log, edited=ticks // 2)
    weights, _ = find_checkpoint(log.header, None)
    config, _ = planner_config(log.header, None)
    other = replace(config, temperature=0.9 * config.temperature)
    save_config(other, folder / "plan.yaml")
    bit = flipped(weights, folder / "flipped.safetensors")
    outcomes = {
        "decisions": replay_decisions(log, Changes()),
        "closed_loop": replay_closed_loop(log, Changes(), _station(log)),
        "weights": replay_decisions(start, Changes(checkpoint=bit)),  # type: ignore[arg-type]
        "setting": replay_decisions(start, Changes(plan=str(folder / "plan.yaml"))),  # type: ignore[arg-type]
        "observation": replay_decisions(edited, Changes()),  # type: ignore[arg-type]
    }
    return {kind: Found.of(outcome) for kind, outcome in outcomes.items()}


def _station(log: Log) -> Station:
    assert log.header.scene is not None
    station = make(log.header.arm, log.header.scene.suite)
    return station


def summary(logs: Sequence[dict[str, Found]]) -> dict[str, Any]:
    """Counts over the logs of one arm."""
    found: dict[str, Any] = {
        "logs": len(logs),
        "ticks": sum(each["decisions"].values["ticks"] for each in logs),
        "decisions_hold": sum(each["decisions"].exit_status == 0 for each in logs),
        "closed_loop_holds": sum(each["closed_loop"].exit_status == 0 for each in logs),
        "drift_max_rad": max((each["closed_loop"].values["drift_max_rad"] for each in logs), default=0.0),
    }
    for kind, cause in CAUSES.items():
        named = (each[kind].exit_status == 3 and each[kind].values["cause"] == cause for each in logs)
        found[f"{kind}_named"] = sum(named)
    failed = [each[kind].words for each in logs for kind in ("decisions", "closed_loop") if each[kind].exit_status]
    return found | {"failed": failed[:5]}


def run_all(arguments: Arguments, folder: Path) -> dict[str, list[dict[str, Found]]]:
    """What was found, by arm."""
    found: dict[str, list[dict[str, Found]]] = {arm: [] for arm in arguments.arms}
    with ProcessPoolExecutor(arguments.workers, get_context("spawn")) as pool:
        jobs = {pool.submit(share.run): share for share in shares(arguments, folder)}
        for job in as_completed(jobs):
            found[jobs[job].arm] += job.result()
            print({arm: len(logs) for arm, logs in found.items()}, file=sys.stderr, flush=True)
    return found


def main(arguments: Arguments) -> None:
    """Record, replay, print and, if asked, write JSON."""
    with tempfile.TemporaryDirectory() as scratch:
        logs = run_all(arguments, arguments.logs or Path(scratch) / "logs")
    found = {arm: summary(of_arm) for arm, of_arm in logs.items()}
    for arm, values in found.items():
        print(f"{arm}: {json.dumps(values)}")
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main(tyro.cli(Arguments))
