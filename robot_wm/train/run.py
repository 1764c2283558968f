"""A training run in a folder: stages in order, resumed where it stopped, metrics, probes and the checkpoint."""

import json
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from torch.utils.tensorboard import SummaryWriter

from robot_wm.data.cache import open_cache
from robot_wm.data.episodes import EpisodeDataset, open_dataset
from robot_wm.errors import ConfigError
from robot_wm.language.encoder import SentenceEncoder
from robot_wm.train.batches import Batches, Source
from robot_wm.train.config import Stage, TrainConfig
from robot_wm.train.latents import cache_latents
from robot_wm.train.loop import Progress, begin, train_stage
from robot_wm.train.needs import completed, lacking, require_fitting, require_labels
from robot_wm.train.phrases import phrase_bank
from robot_wm.train.probes import probe
from robot_wm.world_model.checkpoint import read, save
from robot_wm.world_model.wam import WAM

Report = Callable[[int, int, Mapping[str, float]], None]  # stage, step, figures


def train(config: TrainConfig, out: Path, resume: bool, report: Report) -> Path:
    """Run all stages; returns the checkpoint's path. `resume` goes on where a stopped run in `out` was."""
    _claim(out, config, resume)
    dataset = open_dataset(config.data)
    require_fitting(dataset, config.model)
    require_labels(dataset, config.stages)
    phrases = phrase_bank(SentenceEncoder())
    dataset = completed(dataset)
    source = Source(dataset, open_cache(dataset), phrases, np.arange(dataset.n_episodes))
    training, validation = _parts(source, config.validation_share)
    torch.manual_seed(config.seed)
    model = WAM(config.model).to(memory_format=torch.channels_last)  # pyright: ignore
    model.phrases.copy_(phrases[:, 0])
    model.encoder.centre(phrases.flatten(0, 1))
    if config.start is not None:
        model.load_state_dict(read(Path(config.start)).state_dict())
    started_s, writer = time.time(), SummaryWriter(str(out / "tensorboard"))
    for number, stage in enumerate(config.stages):
        last = out / f"stage{number}.pt"
        if last.is_file():
            model.load_state_dict(torch.load(last, weights_only=True))
            continue
        z = None if stage.pictures else cache_latents(model, source, out / "latents.npy", config.bf16)
        _stage(model, stage, number, config, training, validation, z, out, writer, report)
        torch.save(model.state_dict(), last)
        (out / "progress.pt").unlink(missing_ok=True)
    path = out / "wam.safetensors"
    save(path, model.state_dict(), config.model, _record(config, dataset, time.time() - started_s))
    return path


def _stage(
    model: WAM,
    stage: Stage,
    number: int,
    config: TrainConfig,
    training: Source,
    validation: Source,
    z: np.ndarray | None,
    out: Path,
    writer: SummaryWriter,
    report: Report,
) -> None:
    """One stage, from its start or its last save; leaves the averaged weights in `model`."""
    progress = begin(model, stage, config)
    if (out / "progress.pt").is_file():
        progress.load(out / "progress.pt")

    def batches(source: Source, stage: Stage, seed: int) -> Batches:
        return Batches(source, stage, config.model, seed, z)

    held_out = batches(validation, replace(stage, batch=512 if stage.kind == "see" else 192), 7).batch(0)

    def on_log(step: int, parts: Mapping[str, float]) -> None:
        figures = dict(parts)
        if step % (config.log_every * 10) == 0:
            figures |= {f"val_{k}": v for k, v in _probe_average(progress, held_out).items()}
        for name, value in figures.items():
            writer.add_scalar(f"stage{number}/{name}", value, step)
        with (out / "metrics.jsonl").open("a") as file:
            file.write(json.dumps({"stage": number, "step": step, "time": time.time(), **figures}) + "\n")
        report(number, step, figures)

    train_stage(progress, stage, config, batches(training, stage, config.seed + 1000 * number), on_log, out)
    model.load_state_dict(progress.average)
    model.requires_grad_(True)


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


def _claim(out: Path, config: TrainConfig, resume: bool) -> None:
    """Take the run's folder: a new one, or with `resume` one whose configuration is the same."""
    out.mkdir(parents=True, exist_ok=True)
    kept, now = out / "config.json", json.loads(json.dumps(asdict(config)))
    if kept.is_file():
        if not resume:
            raise ConfigError(f"{out} holds a run already; give --resume to go on with it, or another --out")
        if json.loads(kept.read_text()) != now:
            raise ConfigError(
                f"the configuration differs from the one in {kept}; resume with that one, or use another --out"
            )
    kept.write_text(json.dumps(now, indent=1))


def _record(config: TrainConfig, dataset: EpisodeDataset, seconds: float) -> dict[str, object]:
    return {
        "data": config.data,
        "frames": len(dataset),
        "without": list(lacking(dataset)),
        "seed": config.seed,
        "hours": round(seconds / 3600, 2),
        "machine": f"{platform.processor() or platform.machine()}, {torch.get_num_threads()} threads",
        "torch": torch.__version__,
    }
