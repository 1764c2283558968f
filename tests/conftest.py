"""What every test shares: tensor shapes are checked at run time, and threads are few so that tests run side by side."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("OMP_NUM_THREADS", "2")  # before torch and numpy are imported

import pytest
from hypothesis import settings
from jaxtyping import install_import_hook

from tests.process_state import changes, process_state

if TYPE_CHECKING:
    from torch import Tensor

# Shapes in annotations (jaxtyping) are checked on every call while testing; users do not pay for it.
install_import_hook(["robot_wm.world_model", "robot_wm.train"], "beartype.beartype")

settings.register_profile("busy", deadline=None)  # a busy machine is slow now and then, which is no error
settings.load_profile("busy")


@dataclass(frozen=True)
class TinyRun:
    """A finished run of `robot-wm train` of a tiny WAM. Read only: every test shares it."""

    data: Path  # a dataset with everything, made from logs
    out: Path  # the run directory
    shown: str  # what the command printed, white space collapsed

    @property
    def metrics(self) -> list[dict[str, float]]:
        """The rows of metrics.jsonl."""
        return [json.loads(line) for line in (self.out / "metrics.jsonl").read_text().splitlines()]

    @property
    def config(self) -> dict[str, Any]:
        """The resolved configuration."""
        return json.loads((self.out / "run.json").read_text())["config"]


@pytest.fixture(autouse=True)
def no_state_is_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test after which the process is not as it was before: see `tests.process_state`."""
    before = process_state()
    yield
    if left := changes(before, process_state()):
        pytest.fail(f"{request.node.nodeid} leaves process state behind: {'; '.join(left)}")


@pytest.fixture(autouse=True, scope="session")
def no_fixture_leaves_state_behind() -> Iterator[None]:
    """The same for the fixtures that live longer than a test."""
    before = process_state()
    yield
    if left := changes(before, process_state()):
        pytest.fail(f"a session leaves process state behind: {'; '.join(left)}")


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """Run the body on one thread, which is fastest for tiny models."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@pytest.fixture
def one_thread() -> Iterator[None]:
    with one_torch_thread():
        yield


@pytest.fixture(scope="session")
def phrases() -> "Tensor":
    """Sentence vectors of the names."""
    from robot_wm.language.encoder import SentenceEncoder
    from robot_wm.world_model.wam.phrases import phrase_bank

    return phrase_bank(SentenceEncoder())


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> TinyRun:
    from robot_wm.cli.train import TrainArguments, main
    from robot_wm.config import save_config
    from tests.exchange.labelled import labelled_set
    from tests.world_model.toy import tiny_training

    folder = tmp_path_factory.mktemp("tiny")
    labelled_set(folder / "set")
    save_config(tiny_training("elsewhere"), folder / "tiny.yaml")
    shown = StringIO()
    with one_torch_thread(), redirect_stdout(shown):
        arguments = TrainArguments(folder / "tiny.yaml", data=str(folder / "set"), out=folder / "run", threads=1)
        assert main(arguments) == 0
    return TinyRun(folder / "set", folder / "run", " ".join(shown.getvalue().split()))
