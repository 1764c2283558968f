"""The stations by name: the emulated one is a simulated station in lockstep; the real one says what is missing."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hardware.bus.errors import PortError
from hardware.station import EmulatedStation
from robot_wm.errors import ConfigError
from robot_wm.goals import Task
from robot_wm.station.make import make
from robot_wm.types import ArmTarget


@pytest.fixture(scope="module")
def station() -> Iterator[EmulatedStation]:
    made = make("emulated")
    assert isinstance(made, EmulatedStation) and made.simulation is made
    yield made
    made.__exit__(None, None, None)


def run(station: EmulatedStation, seed: int) -> list[float]:
    station.reset(seed, ["red cube"])
    start = station.arm.read()
    for _ in range(5):
        station.arm.command(ArmTarget(start.q_rad + 0.1, 0.8))
        station.clock.wait_until(station.clock.now_s() + 0.1)
    return station.arm.read().q_rad.tolist()


def test_the_same_seed_is_the_same_run_whatever_came_before(station: EmulatedStation) -> None:
    first, other, again = run(station, 3), run(station, 4), run(station, 3)
    assert first == again != other
    assert station.names == ("red cube",)


def test_the_arm_moves_the_simulators_joints_and_the_judge_sees_it(station: EmulatedStation) -> None:
    station.reset(0, ["red cube"])
    judge = station.judge(Task.from_json({"skill": "home"}))
    assert judge.already_done
    end = run(station, 0)
    np.testing.assert_allclose(station._world.angles()[:5], end, atol=0.02)


def test_the_bus_can_be_overheard(station: EmulatedStation) -> None:
    heard: list[tuple[str, bytes]] = []
    station.tap_bus(lambda direction, data: heard.append((direction, data)))
    station.reset(0, ["red cube"])
    assert {direction for direction, _ in heard} == {"sent", "received"}
    assert all(data.startswith(b"\xff\xff") for direction, data in heard if direction == "sent")


def test_an_oracle_does_what_it_does_without_the_bus(station: EmulatedStation) -> None:
    from robot_wm.actions import CartesianActions
    from robot_wm.kinematics import Kinematics

    station.reset(1, ["red cube"])
    task = Task.from_json({"skill": "lift", "object": "red cube"})
    judge, oracle = station.judge(task), station.expert(task, 1)
    actions = CartesianActions(Kinematics(station.arm.spec))
    from robot_wm.types import Observation

    for _ in range(120):
        sent = station.arm.sent
        state = station.arm.read()
        decision = oracle.decide(Observation({}, state, sent))
        station.arm.command(actions.target(decision.action, state, sent))
        station.clock.wait_until(station.clock.now_s() + 0.1)
        judge.update(decision)
        if judge.done:
            break
    assert judge.done


def test_a_real_arm_that_is_not_there_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(PortError, match="no port given; name it with --port"):
        make("so101")
    with pytest.raises(PortError, match="there is no port '/dev/tty-none'"):
        make("so101", port="/dev/tty-none")
    device = tmp_path / "tty"
    device.touch()
    with pytest.raises(ConfigError, match=r"not calibrated.*robot-wm arm calibrate"):
        make("so101", port=str(device))
    with pytest.raises(ConfigError, match="is on no port"):
        make("fake", port=str(device))
