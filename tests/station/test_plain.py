"""A station connects what it has, and the control package never needs torch."""

import subprocess
import sys

import pytest

from robot_wm.errors import DeviceError
from robot_wm.station.plain import fake_station


def test_entering_connects_and_leaving_closes() -> None:
    station = fake_station("tabletop")
    with station:
        assert station.arm.read().q_rad.shape == (5,)
        assert station.cameras["overview"].read().rgb.shape == (128, 128, 3)
    with pytest.raises(DeviceError):
        station.arm.read()


def test_a_real_station_has_no_simulation() -> None:
    assert fake_station("tabletop").simulation is None


def test_control_imports_without_torch() -> None:
    modules = "robot_wm.control.loop, robot_wm.control.parking, robot_wm.station.make, robot_wm.agents.baselines"
    code = f"import sys, {modules}; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
