"""Collect training data in simulation by scripted play."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import tyro

from robot_wm.data.collecting import DrivableSource, EpisodeSource, Progress, collect
from robot_wm.errors import ConfigError
from robot_wm.registry import find

COLLECTORS = "robot_wm.collectors"  # entry points: (configuration[, arm]) -> EpisodeSource


@dataclass(frozen=True)
class CollectArguments:
    """Collect scripted play as a LeRobotDataset v3. Can be interrupted; rerun to resume."""

    out: Path  # dataset folder; finished parts are kept in OUT.collecting until all are there
    config: str = "tabletop"  # collection settings: a name in configs/collect, or a YAML file
    arm: str | None = None  # simulated arm: a name or a YAML file; if omitted, the arm of the scene
    episodes: int = 1000  # number of episodes to collect
    seed: int = 0  # random seed of the whole dataset
    workers: int = 2  # processes; the dataset does not depend on their number
    collector: str = "play"  # what generates the episodes (entry point of group robot_wm.collectors)
    driver: Path | None = None  # checkpoint that acts most of the time; the expert labels its actions (DAgger)


def main(arguments: CollectArguments) -> int:
    """Collect with a progress bar; print the number of episodes and the rate at the end."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    source = _source(arguments)
    console = Console(file=sys.stderr)
    columns = (
        TextColumn("collecting"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("episodes, {task.fields[rate]:.0f} frames/s"),
        TimeRemainingColumn(),
    )
    start_s, last = time.monotonic(), Progress(0, 0, 0)
    with Bar(*columns, console=console) as bar:
        task = bar.add_task("", total=arguments.episodes, rate=0.0)

        def report(progress: Progress) -> None:
            nonlocal last
            last = progress
            bar.update(task, completed=progress.episodes, rate=progress.frames / (time.monotonic() - start_s))

        collect(source, arguments.out, arguments.episodes, arguments.seed, arguments.workers, report)
    seconds = time.monotonic() - start_s
    made = last.episodes - last.kept
    console.print(
        f"{arguments.out}: {arguments.episodes} episodes, {made} of them collected now "
        f"({last.frames} frames in {seconds:.0f} s, {last.frames / max(seconds, 1e-9):.0f} frames/s)",
        highlight=False,
        soft_wrap=True,
    )
    return 0


def _source(arguments: CollectArguments) -> EpisodeSource:
    """Open the collector. Raises ConfigError if it does not support a driver that is given."""
    collector = find(COLLECTORS, arguments.collector)
    options = () if arguments.arm is None else (arguments.arm,)
    source: EpisodeSource = collector(arguments.config, *options)
    if arguments.driver is None:
        return source
    from robot_wm.agents.dagger import driver_of

    if not isinstance(source, DrivableSource):
        raise ConfigError(f"collector {arguments.collector!r} does not support a driver; remove --driver")
    return source.driven(*driver_of(arguments.driver))


def run(argv: list[str]) -> int:
    """Entry point of `robot-wm collect`."""
    return main(tyro.cli(CollectArguments, args=argv, prog="robot-wm collect"))


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
