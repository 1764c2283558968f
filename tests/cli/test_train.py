from pathlib import Path

import pytest
import torch

from robot_wm.cli.train import TrainArguments, main
from robot_wm.errors import ConfigError, MissingDependencyError, UnknownNameError
from tests.conftest import TinyRun


def test_the_readers_take_no_dataset(tmp_path: Path) -> None:
    config = tmp_path / "language.yaml"
    config.write_text("model: language\n")
    with pytest.raises(ConfigError, match="take no --data"):
        main(TrainArguments(config, data="data/tabletop", out=tmp_path, threads=torch.get_num_threads()))


def test_a_configuration_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml"):
        main(TrainArguments(tmp_path / "none.yaml", out=tmp_path, threads=torch.get_num_threads()))


def test_an_unknown_family_is_named(tmp_path: Path) -> None:
    config = tmp_path / "other.yaml"
    config.write_text("family: wan\n")
    with pytest.raises(UnknownNameError, match=r"unknown learner 'wan'; known: .*wam.* Did you mean 'wam'"):
        main(TrainArguments(config, out=tmp_path, threads=torch.get_num_threads()))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_missing_device_is_named(tmp_path: Path) -> None:
    config = tmp_path / "wam.yaml"
    config.write_text("data: none\n")
    with pytest.raises(MissingDependencyError, match="finds no CUDA device; use --device cpu"):
        main(TrainArguments(config, out=tmp_path, threads=torch.get_num_threads(), device="cuda"))


def test_a_run_shows_its_figures_and_its_progress(tiny_run: TinyRun) -> None:
    for words in ("stage 0 step 2 sigreg", "stage 0 of 0 to 3: see", "2/2", "stage 1 of 0 to 3: towers", "3/3"):
        assert words in tiny_run.shown
    for words in ("decoding pictures", "72/72", "encoding pictures", "36/36"):
        assert words in tiny_run.shown
    assert "checkpoint: " in tiny_run.shown and (tiny_run.out / "wam.safetensors").is_file()
