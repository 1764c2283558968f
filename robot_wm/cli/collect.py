"""Collect training data by play in simulation, resumably."""

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
    """Collect play as a LeRobotDataset v3. Can be interrupted; rerun to resume."""

    out: Path  # folder of the dataset; until it is complete, finished parts are in OUT.collecting
    config: str = "tabletop"  # a name in configs/collect, or a file
    arm: str | None = None  # a simulated arm: its name or YAML file; without: the arm of the scene
    episodes: int = 1000
    seed: int = 0
    workers: int = 2  # processes; the dataset is the same for any number
    collector: str = "play"  # what makes the episodes (entry point)
    driver: Path | None = None  # a checkpoint that acts most of the time, labelled by the expert (DAgger)


def main(arguments: CollectArguments) -> int:
    """Collect with a progress bar; print the number of episodes and the rate at the end."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    collector = find(COLLECTORS, arguments.collector)
    options = () if arguments.arm is None else (arguments.arm,)
    source: EpisodeSource = collector(arguments.config, *options)
    if arguments.driver is not None:
        from robot_wm.agents.dagger import driver_of

        if not isinstance(source, DrivableSource):
            raise ConfigError(f"collector {arguments.collector!r} takes no driver; leave --driver out")
        source = source.driven(*driver_of(arguments.driver))
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
        f"{arguments.out}: {arguments.episodes} episodes, {made} of them made now "
        f"({last.frames} frames in {seconds:.0f} s, {last.frames / max(seconds, 1e-9):.0f} a second)",
        highlight=False,
        soft_wrap=True,
    )
    return 0


def run(argv: list[str]) -> int:
    """Entry point of `robot-wm collect`."""
    return main(tyro.cli(CollectArguments, args=argv, prog="robot-wm collect"))


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
