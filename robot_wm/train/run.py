"""A training run in a folder: stages in order, resumed where it stopped, metrics, probes and the checkpoint."""

import platform
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from robot_wm.data.cache import open_cache
from robot_wm.data.episodes import EpisodeDataset, open_dataset
from robot_wm.errors import CheckpointError
from robot_wm.language.encoder import SentenceEncoder
from robot_wm.train.config import TrainConfig
from robot_wm.train.loop import Progress, begin, load_state, save_state, train_stage
from robot_wm.train.metrics import Metrics
from robot_wm.train.run_dir import claimed
from robot_wm.world_model.checkpoint import read, save
from robot_wm.world_model.wam.batches import Batches, Source
from robot_wm.world_model.wam.dataset_schema import completed, lacking, require_fitting, require_labels
from robot_wm.world_model.wam.latent_cache import cache_latents
from robot_wm.world_model.wam.model import WAM
from robot_wm.world_model.wam.phrases import phrase_bank
from robot_wm.world_model.wam.probes import probe

Report = Callable[[int, int, Mapping[str, float]], None]  # stage, step, figures
Prepare = Callable[[str, int, int], None]  # what is prepared, of how many frames, and how many of them more are done


def _unseen(what: str, frames: int, more: int) -> None:
    """Nobody watches."""


def train(config: TrainConfig, out: Path, resume: bool, report: Report, prepare: Prepare = _unseen) -> Path:
    """Run all stages; returns the checkpoint's path. `resume` goes on where a stopped run in `out` was.

    Raises ConfigError where `out` holds another run or none to resume, or where another process is at it.
    """
    dataset = open_dataset(config.data)
    require_fitting(dataset, config.model)
    require_labels(dataset, config.stages)
    phrases = phrase_bank(SentenceEncoder())
    model = _fresh(config, phrases)
    with claimed(out, config, dataset, resume), closing(Metrics(out)) as metrics:
        pictures = open_cache(dataset, partial(prepare, "decoding pictures", len(dataset) * len(dataset.cameras)))
        dataset = completed(dataset, config.model)
        source = Source(dataset, pictures, phrases, np.arange(dataset.n_episodes))
        run = _Run(config, out, model, source, metrics, report, prepare)
        for number in range(len(config.stages)):
            run.stage(number)
        path = out / "wam.safetensors"
        save(path, run.model.state_dict(), config.model, _record(config, dataset, metrics.spent_s))
    return path


@dataclass(frozen=True)
class _Run:
    """What all stages of a run share."""

    config: TrainConfig
    out: Path
    model: WAM
    source: Source
    metrics: Metrics
    report: Report
    prepare: Prepare

    def stage(self, number: int) -> None:
        """One stage, from its start or its last save, unless it is done; leaves the averaged weights in the model."""
        stage, place = self.config.stages[number], self.out / f"stage{number}"
        done = place / "done.pt"
        if done.is_file():
            self.model.load_state_dict(load_state(done))
            return
        place.mkdir(exist_ok=True)
        latents = self.out / "latents.npy"
        if stage.pictures:
            latents.unlink(missing_ok=True)  # of an encoder that learns on now
            self._train(number, place, None)
        else:
            count = partial(self.prepare, "encoding pictures", self.source.frames)
            self._train(number, place, cache_latents(self.model, self.source, latents, self.config.bf16, count))
        save_state(done, self.model.state_dict())
        (place / "progress.pt").unlink(missing_ok=True)

    def _train(self, number: int, place: Path, z: NDArray[np.float16] | None) -> None:
        config, stage, model = self.config, self.config.stages[number], self.model
        progress = begin(model, stage, config)
        if (place / "progress.pt").is_file():
            progress.load(place / "progress.pt")
        training, validation = _parts(self.source, config.validation_share)
        checked = replace(stage, batch=512 if stage.kind == "see" else 192)
        held_out = Batches(validation, checked, config.model, 7, z).batch(0)

        def on_log(step: int, parts: Mapping[str, float]) -> None:
            figures = dict(parts)
            if step % (config.log_every * 10) == 0:
                figures |= {f"val_{k}": v for k, v in _probe_average(progress, held_out).items()}
            self.metrics.write(number, step, figures)
            self.report(number, step, figures)

        batches = Batches(training, stage, config.model, config.seed + 1000 * number, z)
        train_stage(progress, stage, config, batches, on_log, place)
        model.load_state_dict(progress.average)
        model.requires_grad_(True)


def _fresh(config: TrainConfig, phrases: torch.Tensor) -> WAM:
    """The model to begin with: with new weights, or with those of `config.start`. Raises CheckpointError."""
    torch.manual_seed(config.seed)
    model = WAM(config.model).to(memory_format=torch.channels_last)  # pyright: ignore
    model.phrases.copy_(phrases[:, 0])
    model.encoder.centre(phrases.flatten(0, 1))
    if config.start is not None:
        try:
            model.load_state_dict(read(Path(config.start)).state_dict())
        except RuntimeError as error:
            raise CheckpointError(
                f"the checkpoint to start from, {config.start}, is of another model than the configuration's: {error}"
            ) from error
    return model


def _probe_average(progress: Progress, batch: dict[str, torch.Tensor]) -> dict[str, float]:
    """Probe the averaged weights, and put the others back."""
    now = {k: v.clone() for k, v in progress.model.state_dict().items()}
    progress.model.load_state_dict(progress.average)
    try:
        return probe(progress.model, batch)
    finally:
        progress.model.load_state_dict(now)


def _parts(source: Source, share: float) -> tuple[Source, Source]:
    count = max(1, int(share * len(source.episodes)))
    make = lambda episodes: Source(source.dataset, source.cameras, source.phrases, episodes)  # noqa: E731
    return make(source.episodes[:-count]), make(source.episodes[-count:])


def _record(config: TrainConfig, dataset: EpisodeDataset, seconds: float) -> dict[str, object]:
    return {
        "data": config.data,
        "frames": len(dataset),
        "without": list(lacking(dataset, config.model)),
        "seed": config.seed,
        "hours": round(seconds / 3600, 2),
        "machine": f"{platform.processor() or platform.machine()}, {torch.get_num_threads()} threads",
        "torch": torch.__version__,
    }
