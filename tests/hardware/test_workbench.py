"""The benches by name: the emulated one is a simulated bench in lockstep; the real one says what is missing."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hardware.errors import PortError
from hardware.workbench import EmulatedBench
from robot_wm.control.bench import SimulatedBench
from robot_wm.control.opening import open_bench
from robot_wm.errors import ConfigError
from robot_wm.tasks import Task
from robot_wm.types import ArmTarget


@pytest.fixture(scope="module")
def bench() -> Iterator[EmulatedBench]:
    made = open_bench("emulated")
    assert isinstance(made, EmulatedBench) and isinstance(made, SimulatedBench)
    yield made
    made.__exit__(None, None, None)


def run(bench: EmulatedBench, seed: int) -> list[float]:
    bench.reset(seed, ["red cube"])
    start = bench.arm.read()
    for _ in range(5):
        bench.arm.command(ArmTarget(start.q_rad + 0.1, 0.8))
        bench.clock.wait_until(bench.clock.now_s() + 0.1)
    return bench.arm.read().q_rad.tolist()


def test_the_same_seed_is_the_same_run_whatever_came_before(bench: EmulatedBench) -> None:
    first, other, again = run(bench, 3), run(bench, 4), run(bench, 3)
    assert first == again != other
    assert bench.names == ("red cube",)


def test_the_arm_moves_the_simulators_joints_and_the_judge_sees_it(bench: EmulatedBench) -> None:
    bench.reset(0, ["red cube"])
    judge = bench.judge(Task.from_json({"skill": "home"}))
    assert judge.already_done
    end = run(bench, 0)
    np.testing.assert_allclose(bench._world.angles()[:5], end, atol=0.02)


def test_the_bus_can_be_overheard(bench: EmulatedBench) -> None:
    heard: list[tuple[str, bytes]] = []
    bench.overhear(lambda direction, data: heard.append((direction, data)))
    bench.reset(0, ["red cube"])
    assert {direction for direction, _ in heard} == {"sent", "received"}
    assert all(data.startswith(b"\xff\xff") for direction, data in heard if direction == "sent")


def test_an_oracle_does_what_it_does_without_the_bus(bench: EmulatedBench) -> None:
    from robot_wm.actions import CartesianActions
    from robot_wm.kinematics import Kinematics

    bench.reset(1, ["red cube"])
    task = Task.from_json({"skill": "lift", "object": "red cube"})
    judge, oracle = bench.judge(task), bench.oracle(task, 1)
    actions = CartesianActions(Kinematics(bench.arm.spec))
    from robot_wm.types import Observation

    oracle.start(None)
    for _ in range(120):
        sent = bench.arm.sent
        state = bench.arm.read()
        decision = oracle.decide(Observation({}, state, sent))
        bench.arm.command(actions.target(decision.action, state, sent))
        bench.clock.wait_until(bench.clock.now_s() + 0.1)
        judge.update(decision)
        if judge.done:
            break
    assert judge.done


def test_a_real_arm_that_is_not_there_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(PortError, match="no port given; name it with --port"):
        open_bench("so101")
    with pytest.raises(PortError, match="there is no port '/dev/tty-none'"):
        open_bench("so101", port="/dev/tty-none")
    device = tmp_path / "tty"
    device.touch()
    with pytest.raises(ConfigError, match=r"not calibrated.*robot-wm arm calibrate"):
        open_bench("so101", port=str(device))
    with pytest.raises(ConfigError, match="is on no port"):
        open_bench("fake", port=str(device))
