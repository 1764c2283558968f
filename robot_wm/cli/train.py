"""Train a model from a configuration file, resumably."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import tyro


@dataclass(frozen=True)
class TrainArguments:
    """Train a model; the run's folder takes checkpoints, metrics (TensorBoard) and the resolved configuration."""

    config: Annotated[Path, tyro.conf.Positional]  # e.g. configs/train/wam.yaml
    data: str | None = None  # dataset folder, instead of the configuration's
    out: Path = Path("runs/wam")
    resume: bool = False  # go on with the run in --out
    threads: int = 2  # of torch


def main(arguments: TrainArguments) -> int:
    """Train; prints the losses as they come and the checkpoint's path at the end."""
    import torch
    from rich.console import Console

    from robot_wm.config import load_config
    from robot_wm.train.config import TrainConfig
    from robot_wm.train.run import train

    torch.set_num_threads(arguments.threads)
    config = load_config(TrainConfig, arguments.config)
    if arguments.data is not None:
        config = replace(config, data=arguments.data)
    console = Console()

    def report(stage: int, step: int, figures: Mapping[str, float]) -> None:
        shown = "  ".join(f"{name} {value:.3f}" for name, value in figures.items())
        console.print(f"stage {stage} step {step}/{config.stages[stage].steps}  {shown}", highlight=False)

    path = train(config, arguments.out, arguments.resume, report)
    console.print(f"checkpoint: {path}")
    return 0


def run(argv: list[str]) -> int:
    """Entry point of `robot-wm train`."""
    return main(tyro.cli(TrainArguments, args=argv, prog="robot-wm train"))
