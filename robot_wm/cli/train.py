"""Train a model from a configuration file, resumably."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Self, final

import tyro

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID

    from robot_wm.train.config import TrainConfig


@dataclass(frozen=True)
class TrainArguments:
    """Train a model; the run's folder takes checkpoints, metrics (TensorBoard) and the resolved configuration."""

    config: Annotated[Path, tyro.conf.Positional]  # e.g. configs/train/wam.yaml
    data: str | None = None  # dataset folder, instead of the configuration's
    out: Path = Path("runs/new")
    resume: bool = False  # go on with the run in --out
    threads: int = 2  # of torch


def main(arguments: TrainArguments) -> int:
    """Train what the configuration describes; prints how it goes and the checkpoint's path at the end."""
    import torch
    from rich.console import Console

    from robot_wm.config import read_yaml

    torch.set_num_threads(arguments.threads)
    console = Console()
    values = read_yaml(arguments.config)
    path = _readers(arguments, values, console) if values.get("model") == "language" else _wam(arguments, console)
    console.print(f"checkpoint: {path}", soft_wrap=True)
    return 0


def _readers(arguments: TrainArguments, values: Mapping[str, object], console: "Console") -> Path:
    """The readers of instructions; they make their own sentences and take no dataset."""
    from robot_wm.errors import ConfigError
    from robot_wm.language.train import train_language

    if arguments.data is not None or arguments.resume:
        raise ConfigError("the readers of instructions take no --data and no --resume: they train anew in minutes")
    arguments.out.mkdir(parents=True, exist_ok=True)
    return train_language(values, arguments.out, lambda words: console.print(words, highlight=False))


def _wam(arguments: TrainArguments, console: "Console") -> Path:
    """The World Action Model."""
    from robot_wm.config import load_config
    from robot_wm.train.config import TrainConfig
    from robot_wm.train.run import train

    config = load_config(TrainConfig, arguments.config)
    if arguments.data is not None:
        config = replace(config, data=arguments.data)

    with _Shown(console, config) as shown:
        return train(config, arguments.out, arguments.resume, shown.report, shown.prepare)


@final
class _Shown:
    """A line of figures now and then; below, how far the stage or what goes before it is."""

    def __init__(self, console: "Console", config: "TrainConfig") -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        self._progress = Progress(*columns, console=console, speed_estimate_period=600.0)
        self._stages = config.stages
        self._bars: dict[str, TaskID] = {}
        self._lock = Lock()  # pictures are decoded in several threads

    def __enter__(self) -> Self:
        self._progress.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def report(self, stage: int, step: int, figures: Mapping[str, float]) -> None:
        """The figures of a step of a stage, which count from 0."""
        words = "  ".join(f"{name} {value:.3f}" for name, value in figures.items())
        self._progress.console.print(f"stage {stage} step {step}  {words}", highlight=False)
        name = f"stage {stage} of 0 to {len(self._stages) - 1}: {self._stages[stage].kind}"
        self._progress.update(self._bar(name, self._stages[stage].steps), completed=step)

    def prepare(self, what: str, frames: int, more: int) -> None:
        """So many more of the frames are done."""
        self._progress.advance(self._bar(what, frames), more)

    def _bar(self, name: str, total: int) -> "TaskID":
        with self._lock:
            if name not in self._bars:
                self._bars[name] = self._progress.add_task(name, total=total)
            return self._bars[name]


def run(argv: list[str]) -> int:
    """Entry point of `robot-wm train`."""
    return main(tyro.cli(TrainArguments, args=argv, prog="robot-wm train"))
