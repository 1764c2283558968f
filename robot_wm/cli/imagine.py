"""Compare imagined with simulated motion: a video, and the error over the horizon."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro

from robot_wm.errors import ConfigError


@dataclass(frozen=True)
class ImagineArguments:
    """Imagine the outcome of the scripted expert's actions and compare it with the simulation, as a video."""

    out: Path = Path("imagined.mp4")  # video file to write
    seed: int = 0  # random seed of the scene and the task
    horizon: int = 20  # control ticks imagined from one observation
    windows: int = 3  # number of observations to imagine from, one after the other
    arm: str = "mujoco"  # simulated arm
    checkpoint: Path | None = None  # model weights; if omitted, the shipped checkpoint


def main(arguments: ImagineArguments) -> int:
    """Record, imagine, write the video, and print the error over the horizon."""
    from rich.console import Console

    from robot_wm.cli.imagine_page import error_table, pages_of
    from robot_wm.evaluate.imagination import imagine, record
    from robot_wm.kinematics import Kinematics
    from robot_wm.station.make import make
    from robot_wm.video.mp4 import Mp4Writer
    from robot_wm.world_model.families import open_model

    if arguments.windows < 1 or arguments.horizon < 1:
        raise ConfigError(
            f"--windows and --horizon must be at least 1, received {arguments.windows} and {arguments.horizon}"
        )
    if arguments.seed < 0:
        raise ConfigError(f"--seed must be 0 or more, received {arguments.seed}")
    station = make(arguments.arm)
    if station.simulation is None:
        raise ConfigError(f"imagine needs a simulated arm, received {arguments.arm!r}; use --arm mujoco")
    with Mp4Writer(arguments.out, rate_hz=5.0) as film:
        model = open_model(arguments.checkpoint, Kinematics(station.arm.spec))
        with station:
            recording = record(station, arguments.seed, arguments.windows * arguments.horizon + 1)
        starts = np.arange(arguments.windows) * arguments.horizon
        windows = [imagine(model, recording, int(start), arguments.horizon) for start in starts]
        for page in pages_of(windows, recording.task.words(), model.block):
            film.write(page)
    Console().print(error_table(windows, model.block))
    print(arguments.out)
    return 0


def run(argv: list[str]) -> int:
    """Entry point of `robot-wm imagine`."""
    return main(tyro.cli(ImagineArguments, args=argv, prog="robot-wm imagine"))
