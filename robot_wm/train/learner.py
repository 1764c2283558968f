"""The seam between training and a model family: parameters, batches, losses, probes and schedule."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from torch import Tensor, nn

from robot_wm.train.config import TrainConfig

LEARNERS = "robot_wm.learners"  # entry points: family -> function (values, where) -> Learner

Batch = dict[str, Tensor]
OnPrepare = Callable[[str, int, int], None]  # what is prepared, items in total, items just finished


class Learner(ABC):
    """One model family in training.

    `robot_wm.train.run.train` begins each stage in turn, then repeats: take a batch, sum the losses, update the
    parameters. Everything that a resumed run needs beside the optimizer must be in `model.state_dict()`, and
    everything random must follow from the step number or from torch's default generator, which is seeded per step.

    Attributes:
        config: Resolved configuration of the run; written to run.json. Its `stages` are the schedule.
        model: All weights and buffers. The loop moves it to the device, averages it and saves its state.
    """

    config: TrainConfig
    model: nn.Module

    @abstractmethod
    def identity(self) -> Mapping[str, str | None]:
        """Return fingerprints by name (dataset, initial weights, ...) that a resumed run must share."""

    @abstractmethod
    def begin(self, stage: int, folder: Path, on_prepare: OnPrepare) -> None:
        """Begin a stage; the methods below refer to it from then on.

        Set `requires_grad` of what the stage trains, and prepare its data. `model` holds the averaged weights of the
        stage before.

        Args:
            stage: Index into `config.stages`.
            folder: Run directory, where prepared data may be kept. In a run of several ranks, rank 0 begins first.
            on_prepare: Receives the progress of long preparations, possibly from other threads.
        """

    @abstractmethod
    def batches(self, first: int, stride: int) -> Iterator[Batch]:
        """Yield the batches numbered `first`, `first + stride`, ... on the CPU; a number always gives the same batch.

        Args:
            first: Number of the first batch, from 0.
            stride: Distance to the next one; the number of ranks, each of which takes every `stride`-th batch.
        """

    @abstractmethod
    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Compute the loss terms in training mode.

        Args:
            batch: One of `batches`, on the model's device.

        Returns:
            Scalars by name, each with its weight applied; their sum is minimised.
        """

    @abstractmethod
    def probe(self) -> dict[str, float]:
        """Evaluate the model on held-out data; returns figures by name."""

    @abstractmethod
    def save(self, folder: Path, run: Mapping[str, object]) -> Path:
        """Write the trained model into `folder` with the record `run` (hours, machine, versions); returns its path."""
