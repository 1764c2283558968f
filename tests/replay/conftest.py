"""One recorded episode for all tests of this folder: compiling the table is what takes time."""

from pathlib import Path

import pytest

from sim.station import mujoco_station
from tests.replay.recordings import record, record_by_hand, save_tiny


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("weights") / "tiny.safetensors")


@pytest.fixture(scope="session")
def log_file(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve ticks of a tiny planner on the simulated arm."""
    with mujoco_station("tabletop") as station:
        return record(station, "mujoco", weights, tmp_path_factory.mktemp("log") / "episode.mcap")


@pytest.fixture(scope="session")
def hand_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve ticks of the fake arm, moved by hand."""
    return record_by_hand(tmp_path_factory.mktemp("hand") / "hand.mcap")
