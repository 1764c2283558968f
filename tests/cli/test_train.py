from pathlib import Path

import pytest

from robot_wm.cli.train import TrainArguments, main
from robot_wm.errors import ConfigError


def test_the_readers_take_no_dataset(tmp_path: Path) -> None:
    config = tmp_path / "language.yaml"
    config.write_text("model: language\n")
    with pytest.raises(ConfigError, match="take no --data"):
        main(TrainArguments(config, data="data/tabletop", out=tmp_path))


def test_a_configuration_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml"):
        main(TrainArguments(tmp_path / "none.yaml", out=tmp_path))
