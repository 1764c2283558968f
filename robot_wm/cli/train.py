"""Train a model from a configuration file, resumably."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

if TYPE_CHECKING:
    from rich.console import Console


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
    console.print(f"checkpoint: {path}")
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

    def report(stage: int, step: int, figures: Mapping[str, float]) -> None:
        shown = "  ".join(f"{name} {value:.3f}" for name, value in figures.items())
        console.print(f"stage {stage} step {step}/{config.stages[stage].steps}  {shown}", highlight=False)

    return train(config, arguments.out, arguments.resume, report)


def run(argv: list[str]) -> int:
    """Entry point of `robot-wm train`."""
    return main(tyro.cli(TrainArguments, args=argv, prog="robot-wm train"))
