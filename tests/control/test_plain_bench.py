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
        assert bench.cameras["overview"].read().rgb.shape == (128, 128, 3)
    with pytest.raises(DeviceError):
        bench.arm.read()


def test_a_real_bench_is_told_from_a_simulated_one() -> None:
    assert not isinstance(fake_bench("tabletop"), SimulatedBench)


def test_control_imports_without_torch() -> None:
    modules = ", ".join(
        f"robot_wm.control.{each}" for each in ("loop", "supervisor", "floors", "plain_bench", "opening")
    )
    code = f"import sys, {modules}; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
