"""What every robot setup must satisfy. Inherit `StationContract` and override `made`."""

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import pytest

from robot_wm.control.loop import observe
from robot_wm.errors import ConfigError, DeviceError, UnknownNameError
from robot_wm.goals import Task
from robot_wm.station.station import Simulation, Station

OBJECTS = ("red cube", "blue bin")


class StationContract:
    """The laws. Those of a simulation are skipped where there is none. `station_class` is the class that is listed."""

    station_class: ClassVar[type[Station]]
    has_bus = False

    @pytest.fixture
    def made(self) -> Station:
        """The setup under test, not entered."""
        raise NotImplementedError

    @pytest.fixture
    def station(self, made: Station) -> Iterator[Station]:
        with made:
            if made.simulation is not None:
                made.simulation.reset(3, OBJECTS)
            yield made

    @pytest.fixture
    def simulation(self, station: Station) -> Simulation:
        if station.simulation is None:
            pytest.skip("its world is real")
        return station.simulation

    def test_the_arm_is_described_before_it_is_entered(self, made: Station) -> None:
        assert type(made) is self.station_class
        assert made.arm.spec.n_joints == len(made.arm.spec.joint_names)

    def test_it_is_connected_inside_and_closed_outside(self, made: Station) -> None:
        with made:
            if made.simulation is not None:
                made.simulation.reset(3, OBJECTS)
            seen = observe(made.arm, made.cameras)
            assert set(seen.frames) == set(made.cameras)
            for name, frame in seen.frames.items():
                spec = made.cameras[name].spec
                assert frame.rgb.shape == (spec.height, spec.width, 3)
        with pytest.raises(DeviceError):
            made.arm.read()

    def test_waiting_advances_its_clock(self, station: Station) -> None:
        before = station.clock.now_s()
        station.clock.wait_until(before + 0.1)
        assert station.clock.now_s() >= before + 0.0999

    def test_a_bus_is_tapped_or_the_lack_of_one_is_named(self, station: Station) -> None:
        if self.has_bus:
            station.tap_bus(lambda direction, data: None)
        else:
            with pytest.raises(ConfigError, match="no servo bus"):
                station.tap_bus(lambda direction, data: None)

    def test_the_same_seed_gives_the_same_table(self, station: Station, simulation: Simulation) -> None:
        seen = []
        for _ in range(2):
            simulation.reset(5, OBJECTS)
            seen.append(observe(station.arm, station.cameras))
        assert np.array_equal(seen[0].state.q_rad, seen[1].state.q_rad)
        assert all(np.array_equal(frame.rgb, seen[1].frames[name].rgb) for name, frame in seen[0].frames.items())
        assert simulation.names == OBJECTS

    def test_goals_are_judged_and_what_is_absent_is_named(self, simulation: Simulation) -> None:
        judge = simulation.judge(Task("lift", "red cube"))
        assert (judge.judged_by, judge.done, judge.already_done) == ("simulator", False, False)
        for make in (simulation.judge, lambda task: simulation.expert(task, 0)):
            with pytest.raises(UnknownNameError, match="purple cube"):
                make(Task("lift", "purple cube"))

    def test_the_expert_decides(self, station: Station, simulation: Simulation) -> None:
        expert = simulation.expert(Task("home"), 0)
        assert np.isfinite(expert.decide(observe(station.arm, station.cameras)).action).all()

    def test_people_can_see_it(self, simulation: Simulation) -> None:
        picture = simulation.picture()
        assert picture.dtype == np.uint8 and picture.ndim == 3 and picture.shape[2] == 3

    def test_its_state_can_be_put_back_or_is_none(self, station: Station, simulation: Simulation) -> None:
        state = simulation.state()
        if state is None:
            with pytest.raises(ConfigError):
                simulation.set_state(np.zeros(1))
            return
        station.clock.wait_until(station.clock.now_s() + 0.2)
        simulation.set_state(state)
        back = simulation.state()
        assert back is not None and np.array_equal(back, state)
