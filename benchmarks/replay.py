"""Do logged episodes replay to the last bit, and is what was changed in them caught and named?

    python benchmarks/replay.py --arms mujoco pybullet emulated --episodes 100 --json replay.json

Records episodes of the planner on each arm, then replays each log: its decisions, its simulation, and its decisions
with one bit of the weights flipped, one planner setting changed and one observation edited. Logs are kept where
--logs says, else thrown away.
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tyro

from robot_wm import registry
from robot_wm.config import save_config
from robot_wm.control.bench import SimulatedBench
from robot_wm.control.opening import open_bench
from robot_wm.evaluate.contestants import Recipe
from robot_wm.evaluate.episodes import lay_out
from robot_wm.evaluate.recording import EpisodeLogs
from robot_wm.evaluate.run import run_episode
from robot_wm.evaluate.suite import Suite
from robot_wm.log.entries import Entry, LogHeader, LogTick
from robot_wm.log.read import Log, open_log
from robot_wm.replay.rebuild import Changes, find_checkpoint, planner_config
from robot_wm.replay.report import Outcome
from robot_wm.replay.runs import replay_closed_loop, replay_decisions
from robot_wm.types import ArmState

CAUSES = {"weights": "model hash", "setting": "config", "observation": "observation"}


@dataclass(frozen=True)
class Arguments:
    """What to record and replay."""

    arms: tuple[str, ...] = ("mujoco", "pybullet", "emulated")
    episodes: int = 100  # in all, shared out among the arms
    ticks: int = 30  # of each goal, at most
    seed: int = 11
    checkpoint: Path | None = None  # the shipped one where None
    logs: Path | None = None  # keep the logs in this folder
    json: Path | None = None


def record_all(arguments: Arguments, folder: Path) -> dict[str, list[Path]]:
    """Logs by arm."""
    found: dict[str, list[Path]] = {}
    suite = replace(registry.find(registry.SUITES, "tabletop")(), ticks_max=arguments.ticks, ticks_max_by_skill={})
    episodes = lay_out(arguments.episodes, arguments.seed, None)
    for place, arm in enumerate(arguments.arms):
        share = episodes[place :: len(arguments.arms)]
        (folder / arm).mkdir(parents=True)
        found[arm] = list(_record(Recipe("planner", arm, arguments.checkpoint, True), suite, share, folder / arm))
    return found


def _record(recipe: Recipe, suite: Suite, episodes: Sequence[Any], folder: Path) -> Iterator[Path]:
    bench, contestant = recipe.open(suite)
    logs = EpisodeLogs(folder, recipe.arm, "planner", recipe.checkpoint, True)
    with bench:
        for episode in episodes:
            run_episode(bench, contestant, suite, episode, logs)
            yield from folder.glob(f"episode-{episode.index:06d}.mcap")  # none where it was solved before it began


class Edited:
    """A log with the observation of its middle tick changed in one joint's last bit."""

    def __init__(self, log: Log) -> None:
        self._log, self.path, self.closed, self.damage = log, log.path, log.closed, log.damage
        self.header: LogHeader = log.header
        self._place = sum(1 for _ in log.ticks()) // 2

    def attachments(self) -> dict[str, bytes]:
        """As in the log."""
        return self._log.attachments()

    def entries(self) -> Iterator[Entry]:
        """As in the log, but for one."""
        place = 0
        for entry in self._log.entries():
            if isinstance(entry, LogTick):
                yield _edited(entry) if place == self._place else entry
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


def replay_all(path: Path, folder: Path) -> dict[str, Outcome]:
    """Every kind of replay of one log."""
    log = open_log(path)
    weights, _ = find_checkpoint(log.header, None)
    config, _ = planner_config(log.header, None)
    other = replace(config, temperature=0.9 * config.temperature)
    save_config(other, folder / "plan.yaml")
    bit = flipped(weights, folder / "flipped.safetensors")
    return {
        "decisions": replay_decisions(log, Changes()),
        "closed_loop": replay_closed_loop(log, Changes(), _bench(log)),
        "weights": replay_decisions(log, Changes(checkpoint=bit)),
        "setting": replay_decisions(log, Changes(plan=str(folder / "plan.yaml"))),
        "observation": replay_decisions(Edited(log), Changes()),  # type: ignore[arg-type]
    }


def _bench(log: Log) -> SimulatedBench:
    assert log.header.scene is not None
    bench = open_bench(log.header.arm, log.header.scene.suite)
    assert isinstance(bench, SimulatedBench)
    return bench


def summary(outcomes: Sequence[dict[str, Outcome]]) -> dict[str, Any]:
    """Counts over the logs of one arm."""
    count: Callable[[str, Callable[[Outcome], bool]], int] = lambda kind, holds: sum(  # noqa: E731
        holds(each[kind]) for each in outcomes
    )
    found: dict[str, Any] = {
        "logs": len(outcomes),
        "ticks": sum(each["decisions"].values["ticks"] for each in outcomes),
        "decisions_hold": count("decisions", lambda outcome: outcome.exit_status == 0),
        "closed_loop_holds": count("closed_loop", lambda outcome: outcome.exit_status == 0),
        "drift_max_rad": max((each["closed_loop"].values["drift_max_rad"] for each in outcomes), default=0.0),
    }
    for kind, cause in CAUSES.items():
        found[f"{kind}_named"] = count(
            kind, lambda outcome, cause=cause: outcome.exit_status == 3 and outcome.values["cause"] == cause
        )
    failed = [each[kind].words for each in outcomes for kind in ("decisions", "closed_loop") if each[kind].exit_status]
    return found | {"failed": failed[:5]}


def main(arguments: Arguments) -> None:
    """Record, replay, print and, if asked, write JSON."""
    with tempfile.TemporaryDirectory() as scratch:
        logs = record_all(arguments, arguments.logs or Path(scratch) / "logs")
        found = {arm: summary([replay_all(path, Path(scratch)) for path in paths]) for arm, paths in logs.items()}
    for arm, values in found.items():
        print(f"{arm}: {json.dumps(values)}")
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main(tyro.cli(Arguments))
