"""A bench connects what it has, and the control package never needs torch."""

import subprocess
import sys

import pytest

from robot_wm.control.bench import SimulatedBench
from robot_wm.control.plain_bench import fake_bench
from robot_wm.errors import DeviceError


def test_entering_connects_and_leaving_closes() -> None:
    bench = fake_bench("tabletop")
    with bench:
        assert bench.arm.read().q_rad.shape == (5,)
        assert bench.cameras["overview"].read().rgb.shape == (96, 96, 3)
    with pytest.raises(DeviceError):
        bench.arm.read()


def test_a_real_bench_is_told_from_a_simulated_one() -> None:
    assert not isinstance(fake_bench("tabletop"), SimulatedBench)


def test_control_imports_without_torch() -> None:
    code = "import sys, robot_wm.control.loop, robot_wm.control.supervisor, robot_wm.control.floors, robot_wm.control.plain_bench;"
    subprocess.run([sys.executable, "-c", code + "assert 'torch' not in sys.modules"], check=True, timeout=60)
