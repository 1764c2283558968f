"""The WAM in training: its model, data and losses behind the `Learner` interface."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from robot_wm.arm_description import ArmDescription
from robot_wm.config import from_values
from robot_wm.data.cache import fingerprint, open_cache
from robot_wm.data.episodes import open_dataset
from robot_wm.data.layout import read_arm
from robot_wm.errors import CheckpointError, ConfigError
from robot_wm.language.encoder import SentenceEncoder
from robot_wm.train.learner import Batch, Learner, OnPrepare
from robot_wm.world_model.wam.arm_config import wam_config_for
from robot_wm.world_model.wam.batches import Batches, Source
from robot_wm.world_model.wam.camera_geometry import FixedCamera
from robot_wm.world_model.wam.checkpoint import read, save
from robot_wm.world_model.wam.dataset_schema import missing_features, require_compatible, require_labels, zero_filled
from robot_wm.world_model.wam.latent_cache import cache_latents
from robot_wm.world_model.wam.model import WAM
from robot_wm.world_model.wam.objective import Objective
from robot_wm.world_model.wam.phrases import phrase_bank
from robot_wm.world_model.wam.probes import probe
from robot_wm.world_model.wam.stages import WAMStage, WAMTraining

CHECKPOINT = "wam.safetensors"
_HELD_OUT_SEED = 7


def wam_learner(values: Mapping[str, object], where: str = "configuration") -> "WAMLearner":
    """Build the learner of the family "wam"; the entry point of `robot_wm.learners`.

    Args:
        values: Plain values of a `WAMTraining`.
        where: Where they come from, for error messages.

    Raises:
        ConfigError: A value is not allowed.
        DatasetError: The dataset is missing or does not fit the model.
        CheckpointError: The checkpoint to start from is missing or does not fit the model.
    """
    return WAMLearner(from_values(WAMTraining, values, where), phrase_bank(SentenceEncoder()))


class WAMLearner(Learner):
    """Trains a WAM in stages: first the encoder on pictures, then the towers on its cached latents.

    Args:
        config: The run.
        phrases: (24, W, p) sentence vectors of the names, as `phrase_bank` returns them.
    """

    config: WAMTraining
    model: WAM

    def __init__(self, config: WAMTraining, phrases: Tensor) -> None:
        self._dataset = open_dataset(config.data)
        self.config = config = _completed(config)
        require_compatible(self._dataset, config.model)
        require_labels(self._dataset, config.stages)
        self._phrases = phrases
        self.model = _initial_model(config, phrases)
        self._objective = Objective(self.model, config.loss_weights)
        self._source: Source | None = None  # opened by the first stage, since that decodes all pictures
        self._stage: WAMStage
        self._batches: Batches
        self._held_out: Batch

    def identity(self) -> dict[str, str | None]:
        start = self.config.start
        start_hash = None if start is None else hashlib.sha256(Path(start).read_bytes()).hexdigest()
        return {"dataset": fingerprint(self._dataset), "start": start_hash}

    def begin(self, stage: int, folder: Path, on_prepare: OnPrepare) -> None:
        config, source = self.config, self._open(on_prepare)
        self._stage = kind = config.stages[stage]
        path, z = folder / "latents.npy", None
        if kind.trains_encoder:
            path.unlink(missing_ok=True)  # the latents of the encoder before this stage
        else:
            report = partial(on_prepare, "encoding pictures", len(source.dataset))
            z = cache_latents(self.model, source, path, config.bf16, report)
        self.model.requires_grad_(True)
        self.model.encoder.requires_grad_(kind.trains_encoder)
        self.model.decoder.requires_grad_(kind.trains_encoder)
        training, validation = source.split(config.validation_share)
        self._batches = Batches(training, kind, config.model, config.seed + 1000 * stage, z)
        checked = replace(kind, batch=512 if kind.kind == "see" else 192)
        self._held_out = Batches(validation, checked, config.model, _HELD_OUT_SEED, z).batch(0)

    def batches(self, first: int, stride: int) -> Iterator[Batch]:
        return self._batches.stream(first, stride)

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        self.model.train()
        self.model.encoder.train(self._stage.trains_encoder)
        in_bf16 = self.config.bf16 and self._stage.trains_encoder
        with torch.autocast(self._device.type, torch.bfloat16) if in_bf16 else nullcontext():
            parts, _ = self._objective(batch)
        return parts

    def probe(self) -> dict[str, float]:
        return probe(self._objective, {name: value.to(self._device) for name, value in self._held_out.items()})

    def save(self, folder: Path, run: Mapping[str, object]) -> Path:
        config, path = self.config, folder / CHECKPOINT
        without = list(missing_features(self._dataset, config.model))
        data = {"data": config.data, "frames": len(self._dataset), "without": without, "seed": config.seed}
        save(path, self.model.state_dict(), config.model, {**data, **run}, arm=_arm_of(config.data))
        return path

    @property
    def _device(self) -> torch.device:
        return self.model.phrases.device

    def _open(self, on_prepare: OnPrepare) -> Source:
        """Open the decoded pictures; decode them first where needed."""
        if self._source is None:
            frames = len(self._dataset) * len(self._dataset.cameras)
            pictures = open_cache(self._dataset, partial(on_prepare, "decoding pictures", frames))
            episodes = np.arange(self._dataset.n_episodes)
            self._source = Source(zero_filled(self._dataset, self.config.model), pictures, self._phrases, episodes)
        return self._source


def _completed(config: WAMTraining) -> WAMTraining:
    """Complete the model's cameras where the configuration leaves them out.

    They come from the dataset (meta/arm.json), else from the checkpoint to start from. Raises ConfigError where
    neither says.
    """
    model = config.model
    if model.overview is None or model.wrist is None:
        description, arm = _arm_of(config.data), read_arm(Path(config.data))
        if description is not None and "overview" in arm:
            model = wam_config_for(
                description, from_values(FixedCamera, arm["overview"], f"{config.data}: overview"), model
            )
        elif config.start is not None:
            start = read(Path(config.start)).config
            model = replace(model, overview=model.overview or start.overview, wrist=model.wrist or start.wrist)
        else:
            raise ConfigError(
                f"neither the configuration nor the dataset {config.data} says which arm and cameras it is of; give "
                "model.overview and model.wrist, or as `start` a checkpoint of that arm"
            )
    return replace(config, model=model)


def _arm_of(data: str) -> ArmDescription | None:
    """Return the arm that a dataset is of; None where it does not say."""
    values = read_arm(Path(data)).get("description")
    return None if values is None else from_values(ArmDescription, values, f"{data}: arm")


def _initial_model(config: WAMTraining, phrases: Tensor) -> WAM:
    """Return a model with new weights or those of `config.start`. Raises CheckpointError."""
    torch.manual_seed(config.seed)
    model = WAM(config.model).to(memory_format=torch.channels_last)  # pyright: ignore
    model.phrases.copy_(phrases[:, 0])
    model.encoder.centre(phrases.flatten(0, 1))
    if config.start is not None:
        try:
            model.load_state_dict(read(Path(config.start)).state_dict())
        except RuntimeError as error:
            raise CheckpointError(
                f"the checkpoint to start from, {config.start}, does not fit the configured model: {error}"
            ) from error
    return model
