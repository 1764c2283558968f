"""The servos' watchdog: trusted where it stops the servo, not where it only says so; and then it does stop the arm."""

from dataclasses import replace

import numpy as np
import pytest

from hardware.arm.health import HealthConfig
from robot_wm.types import ArmTarget
from tests.hardware.rigs import emulated_rig, so101

_VOLTS = {  # the small ones run on 5 V
    "XM430-W350": HealthConfig(),
    "XL330-M288": HealthConfig(
        unpowered_below_v=3.0, stop_below_v=3.7, warn_below_v=4.2, warn_above_v=5.8, stop_above_v=6.2
    ),
}


@pytest.mark.parametrize(("model", "is_trusted"), [("XM430-W350", True), ("XL330-M288", False)])
def test_only_a_watchdog_that_stops_its_servo_is_trusted(model: str, is_trusted: bool) -> None:
    config = replace(so101("dynamixel"), health=_VOLTS[model])
    made = emulated_rig("dynamixel", models=(model,), watchdog=True, config=config)
    start = made.joints.angles()
    made.arm.connect()
    assert made.arm.watchdog_servos == (made.config.servos if is_trusted else ())
    assert np.abs(made.joints.angles() - start).max() < np.deg2rad(2.0)
    told = any("watchdog" in words for words in made.warnings)
    assert told is not is_trusted
    made.arm.close()


def test_a_bus_that_falls_silent_stops_the_servos_by_themselves() -> None:
    made = emulated_rig("dynamixel", watchdog=True)
    made.arm.connect()
    made.run(ArmTarget(made.arm.spec.q_rest_rad + np.array([1.0, 0.0, 0.0, 0.0, 0.0]), 0.5), 0.3)
    made.lockstep.wait_until(made.lockstep.now_s() + 0.25)  # nobody speaks
    stopped = made.joints.angles()
    made.lockstep.wait_until(made.lockstep.now_s() + 1.0)
    np.testing.assert_allclose(made.joints.angles(), stopped, atol=0.02)
    assert made.emulator.servos[0].memory.get("bus_watchdog") == -1


def test_feetech_servos_have_none() -> None:
    made = emulated_rig("feetech", watchdog=True)
    made.arm.connect()
    assert made.arm.watchdog_servos == ()
    made.arm.close()
