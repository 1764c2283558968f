"""Two ranks that train together take the steps of one that sees both batches; only rank 0 writes."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from torch._C._distributed_c10d import HashStore

from robot_wm.train.config import Stage
from robot_wm.train.rank import Rank
from robot_wm.train.run import train
from tests.train.toy_learner import ToyConfig, ToyLearner, toy_config


class BothBatches(ToyLearner):
    """Sees in one step what two ranks see."""

    def batch(self, number: int) -> dict[str, torch.Tensor]:
        pair = super().batch(2 * number), super().batch(2 * number + 1)
        return {name: torch.cat([each[name] for each in pair]) for name in ("x", "y")}


def config() -> ToyConfig:
    stage = Stage(kind="all", steps=4, batch=8, learning_rate=0.1, warmup=1)
    return toy_config(noise=0.0, stages=(stage, stage))


def test_two_ranks_train_as_one(tmp_path: Path, one_thread: None) -> None:
    store = HashStore()

    def train_rank(index: int) -> tuple[Path | None, dict[str, list[float]]]:
        """A rank in a thread of its own: starting processes would take far longer than they train."""
        rank = Rank(index, 2, dist.ProcessGroupGloo(store, index, 2, timedelta(seconds=60)))
        learner = ToyLearner(config())
        path = train(learner, tmp_path / "run", False, lambda stage, step, figures: None, rank=rank)
        return path, {name: value.tolist() for name, value in learner.model.state_dict().items()}

    with ThreadPoolExecutor(2) as pool:
        (path, state), (no_path, other_state) = pool.map(train_rank, (0, 1))
    assert path is not None and no_path is None
    assert state == other_state == json.loads(path.read_text())["state"]
    assert len((tmp_path / "run/metrics.jsonl").read_text().splitlines()) == 8
    alone = BothBatches(config())
    train(alone, tmp_path / "alone", False, lambda stage, step, figures: None)
    for name, value in alone.model.state_dict().items():
        assert state[name] == pytest.approx(value.tolist(), abs=1e-6), name


def test_a_process_by_itself_is_the_only_rank() -> None:
    rank = Rank.current()
    assert rank == Rank(0, 1) and rank.is_first
    value = torch.ones(2)
    rank.average([value])
    assert value.tolist() == [1.0, 1.0]
