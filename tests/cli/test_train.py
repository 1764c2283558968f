import json
from dataclasses import asdict
from pathlib import Path

import pytest

from robot_wm.cli.train import TrainArguments, main
from robot_wm.errors import ConfigError
from tests.exchange.labelled import labelled_set
from tests.world_model.toy import TINY


def test_the_readers_take_no_dataset(tmp_path: Path) -> None:
    config = tmp_path / "language.yaml"
    config.write_text("model: language\n")
    with pytest.raises(ConfigError, match="take no --data"):
        main(TrainArguments(config, data="data/tabletop", out=tmp_path))


def test_a_configuration_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml"):
        main(TrainArguments(tmp_path / "none.yaml", out=tmp_path))


def test_a_run_shows_its_figures_and_how_far_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labelled_set(tmp_path / "set")
    stages = [
        {"kind": "see", "steps": 2, "batch": 4, "learning_rate": 1e-3},
        {"kind": "towers", "steps": 1, "batch": 4, "learning_rate": 1e-3, "blocks": 1},
    ]
    config = tmp_path / "tiny.yaml"  # every JSON file is one of YAML
    values = {"data": "none", "model": asdict(TINY), "stages": stages, "bf16": False, "log_every": 1}
    config.write_text(json.dumps(values))
    assert main(TrainArguments(config, data=str(tmp_path / "set"), out=tmp_path / "run", threads=1)) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for words in ("stage 0 step 2 sigreg", "stage 0 of 0 to 1: see", "2/2", "stage 1 of 0 to 1: towers", "1/1"):
        assert words in shown
    for words in ("decoding pictures", "72/72", "encoding pictures", "36/36"):
        assert words in shown
    assert "wam.safetensors" in shown
