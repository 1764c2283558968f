"""Every setup that needs no hardware satisfies the contract."""

import pytest

from hardware.station import EmulatedStation, SerialStation
from robot_wm.station.make import make
from robot_wm.station.plain import PlainStation
from robot_wm.station.station import Station
from sim.station import SimStation
from tests.contracts.station_contract import StationContract
from tests.evaluate.fakes import CountingStation
from tests.subclasses import concrete_subclasses


class TestFakeStation(StationContract):
    station_class = PlainStation

    @pytest.fixture
    def made(self) -> Station:
        return make("fake")


class TestMujocoStation(StationContract):
    station_class = SimStation

    @pytest.fixture
    def made(self) -> Station:
        return make("mujoco")


class TestBulletStation(StationContract):
    station_class = SimStation

    @pytest.fixture
    def made(self) -> Station:
        return make("pybullet")


class TestEmulatedStation(StationContract):
    station_class = EmulatedStation
    has_bus = True

    @pytest.fixture
    def made(self) -> Station:
        return make("emulated")


def test_every_setup_is_listed() -> None:
    needs_hardware = {SerialStation}
    listed = {each.station_class for each in StationContract.__subclasses__()}
    assert listed == concrete_subclasses(Station) - needs_hardware


def test_the_counting_setup_of_other_tests_is_a_setup() -> None:
    assert isinstance(CountingStation(), Station)
