"""Every setup that needs no hardware satisfies the contract."""

import pytest

from robot_wm.station.make import make
from robot_wm.station.station import Station
from tests.contracts.station_contract import StationContract
from tests.evaluate.fakes import CountingStation


class TestFakeStation(StationContract):
    @pytest.fixture
    def made(self) -> Station:
        return make("fake")


class TestMujocoStation(StationContract):
    @pytest.fixture
    def made(self) -> Station:
        return make("mujoco")


class TestBulletStation(StationContract):
    @pytest.fixture
    def made(self) -> Station:
        return make("pybullet")


class TestEmulatedStation(StationContract):
    has_bus = True

    @pytest.fixture
    def made(self) -> Station:
        return make("emulated")


def test_the_counting_setup_of_other_tests_is_a_setup() -> None:
    assert isinstance(CountingStation(), Station)
