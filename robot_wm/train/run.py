"""A training run in its directory: stages in order, resumed where they stopped, with metrics and a checkpoint."""

import platform
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import torch

from robot_wm.train.learner import Learner, OnPrepare
from robot_wm.train.loop import train_stage
from robot_wm.train.metrics import Metrics
from robot_wm.train.progress import Progress, load_state, save_state
from robot_wm.train.rank import Rank
from robot_wm.train.run_directory import hold_run_directory

OnLog = Callable[[int, int, Mapping[str, float]], None]  # stage, step, figures
_PROBE_EVERY = 10  # of the logged steps


def _ignore(what: str, total: int, done: int) -> None:
    """Ignore the progress of preparations."""


def train(
    learner: Learner,
    out: Path,
    resume: bool,
    on_log: OnLog,
    on_prepare: OnPrepare = _ignore,
    device: torch.device | None = None,
    rank: Rank | None = None,
) -> Path | None:
    """Run all stages and save the averaged weights.

    Args:
        learner: The family to train.
        out: Run directory; created where needed.
        resume: Continue the run in `out`, with the same losses as without the interruption.
        on_log: Receives stage, step and figures every `log_every` steps, on rank 0.
        on_prepare: Receives what is being prepared, items in total and items just finished.
        device: Where the model is trained; the CPU by default.
        rank: This process among several; the one of torch.distributed where that is initialised, by default.

    Returns:
        The checkpoint's path; None on ranks other than 0, which write nothing.

    Raises:
        ConfigError: `out` holds another run, none to resume, or is in use by another process.
        NotFiniteError: A loss or the gradient is not finite.
    """
    device, rank = device or torch.device("cpu"), rank or Rank.current()
    learner.model.to(device)
    with ExitStack() as stack:
        metrics = None
        with rank.first_alone():  # the others must find the directory
            if rank.is_first:
                stack.enter_context(hold_run_directory(out, learner, resume))
                metrics = stack.enter_context(closing(Metrics(out)))
        run = _Run(learner, out, metrics, on_log, on_prepare, device, rank)
        for number in range(len(learner.config.stages)):
            run.stage(number)
        return None if metrics is None else learner.save(out, _record(metrics.spent_s))


@dataclass(frozen=True)
class _Run:
    """What all stages of a run share."""

    learner: Learner
    out: Path
    metrics: Metrics | None  # of rank 0
    on_log: OnLog
    on_prepare: OnPrepare
    device: torch.device
    rank: Rank

    def stage(self, number: int) -> None:
        """Run a stage from its start or its last save, unless it is done; leaves the averaged weights in the model."""
        folder, model = self.out / f"stage{number}", self.learner.model
        done, saved = folder / "done.pt", folder / "progress.pt"
        self.rank.wait()
        if done.is_file():
            model.load_state_dict(load_state(done))
            return
        with self.rank.first_alone():
            folder.mkdir(exist_ok=True)
            self.learner.begin(number, self.out, self.on_prepare)
        progress = Progress.fresh(model, self.learner.config.stages[number], self.learner.config)
        if saved.is_file():
            progress.load(saved)
        self.rank.wait()  # nobody saves before all have loaded
        self._train(number, progress, folder)
        model.load_state_dict(progress.average)
        if self.rank.is_first:
            save_state(done, model.state_dict())
            saved.unlink(missing_ok=True)

    def _train(self, number: int, progress: Progress, folder: Path) -> None:
        def on_log(step: int, losses: Mapping[str, float]) -> None:
            figures = dict(losses)
            if step % (self.learner.config.log_every * _PROBE_EVERY) == 0:
                with progress.averaged():
                    figures |= {f"val_{name}": value for name, value in self.learner.probe().items()}
            if self.metrics is not None:
                self.metrics.write(number, step, figures)
            self.on_log(number, step, figures)

        stage = self.learner.config.stages[number]
        train_stage(self.learner, stage, progress, on_log, folder, self.device, self.rank)


def _record(seconds: float) -> dict[str, object]:
    """Describe the run for the checkpoint."""
    return {
        "hours": round(seconds / 3600, 2),
        "machine": f"{platform.processor() or platform.machine()}, {torch.get_num_threads()} threads",
        "torch": torch.__version__,
    }
