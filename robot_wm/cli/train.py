"""Train a model from a configuration file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Literal, Self, final

import tyro

if TYPE_CHECKING:
    import torch
    from rich.console import Console
    from rich.progress import TaskID

    from robot_wm.train.config import Stage
    from robot_wm.train.learner import Learner


@dataclass(frozen=True)
class TrainArguments:
    """Train a model; checkpoint, TensorBoard metrics and configuration go to --out. To continue, use --resume."""

    config: Annotated[Path, tyro.conf.Positional]  # YAML file, e.g. configs/train/wam.yaml
    data: str | None = None  # dataset folder; if omitted, that of the configuration
    out: Path = Path("runs/new")  # run directory
    resume: bool = False  # continue the interrupted run in --out
    threads: int = 2  # CPU threads of PyTorch
    device: Literal["cpu", "cuda"] = "cpu"  # device to train on


def main(arguments: TrainArguments) -> int:
    """Train the model of the configuration; print progress and finally the path of the checkpoint."""
    import torch
    from rich.console import Console

    from robot_wm.config import read_yaml

    console, values = Console(), read_yaml(arguments.config)
    train = _train_language if values.get("model") == "language" else _train_family
    threads = torch.get_num_threads()
    torch.set_num_threads(arguments.threads)
    try:
        path = train(arguments, values, console)
    finally:
        torch.set_num_threads(threads)
    console.print(f"checkpoint: {path}", soft_wrap=True)
    return 0


def _train_language(arguments: TrainArguments, values: Mapping[str, object], console: "Console") -> Path:
    """Train the instruction readers, which generate their own sentences."""
    from robot_wm.errors import ConfigError
    from robot_wm.language.train import train_language

    if arguments.data is not None or arguments.resume or arguments.device != "cpu":
        raise ConfigError(
            "the instruction readers take no --data, no --resume and no --device: "
            "they train on generated sentences, in minutes on one core"
        )
    arguments.out.mkdir(parents=True, exist_ok=True)
    return train_language(values, arguments.out, lambda words: console.print(words, highlight=False))


def _train_family(arguments: TrainArguments, values: Mapping[str, object], console: "Console") -> Path | None:
    """Train the model family that the configuration names."""
    from robot_wm.registry import find
    from robot_wm.train.learner import LEARNERS
    from robot_wm.train.run import train

    device = _device(arguments.device)
    if arguments.data is not None:
        values = {**values, "data": arguments.data}
    learner: Learner = find(LEARNERS, str(values.get("family", "wam")))(values, str(arguments.config))
    with _Display(console, learner.config.stages) as display:
        return train(learner, arguments.out, arguments.resume, display.log, display.prepare, device)


def _device(name: str) -> "torch.device":
    """Return the device. Raises MissingDependencyError if it is not available."""
    import torch

    from robot_wm.errors import MissingDependencyError

    if name == "cuda" and not torch.cuda.is_available():
        raise MissingDependencyError(f"PyTorch {torch.__version__} finds no CUDA device; use --device cpu")
    return torch.device(name)


@final
class _Display:
    """Prints metrics line by line above the progress bars of stages and their preparation."""

    def __init__(self, console: "Console", stages: Sequence["Stage"]) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        self._progress = Progress(*columns, console=console, speed_estimate_period=600.0)
        self._stages = stages
        self._bars: dict[str, TaskID] = {}
        self._lock = Lock()  # pictures are decoded in several threads

    def __enter__(self) -> Self:
        self._progress.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def log(self, stage: int, step: int, figures: Mapping[str, float]) -> None:
        """Print the figures of a step; stages count from 0."""
        words = "  ".join(f"{name} {value:.3f}" for name, value in figures.items())
        self._progress.console.print(f"stage {stage} step {step}  {words}", highlight=False)
        name = f"stage {stage} of 0 to {len(self._stages) - 1}: {self._stages[stage].kind}"
        self._progress.update(self._bar(name, self._stages[stage].steps), completed=step)

    def prepare(self, what: str, total: int, done: int) -> None:
        """Advance the bar of a preparation step by the items just finished; a full bar restarts."""
        bar = self._bar(what, total)
        if any(task.id == bar and task.finished for task in self._progress.tasks):
            self._progress.reset(bar)
        self._progress.advance(bar, done)

    def _bar(self, name: str, total: int) -> "TaskID":
        with self._lock:
            if name not in self._bars:
                self._bars[name] = self._progress.add_task(name, total=total)
            return self._bars[name]


def run(argv: list[str]) -> int:
    """Entry point of `robot-wm train`."""
    return main(tyro.cli(TrainArguments, args=argv, prog="robot-wm train"))
