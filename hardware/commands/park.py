"""`robot-wm arm park`: move slowly to the rest pose, then release. A running controller is ended."""

import time
from contextlib import closing
from dataclasses import dataclass

import tyro

from hardware.arm import SerialArm, calibration_of
from hardware.buses import open_bus
from hardware.commands.common import (
    SelectedArm,
    connect_to_supervisor,
    interrupt_on_signals,
    request,
    require_released,
    select_arm,
)
from hardware.supervisor import Channel
from robot_wm.control.clock import RealClock
from robot_wm.errors import DeviceError

_TIMEOUT_S = 10.0
_POLL_S = 0.1


@dataclass(frozen=True)
class ParkArguments:
    """Move the arm slowly to its rest pose, then switch the torque off. Ends a running controller."""

    port: str | None = None  # serial port of the arm; default: the one in its file
    arm: str = "so101"  # name of the arm, or its YAML file


def main(argv: list[str]) -> int:
    """Return exit status 0 if the arm is parked and released."""
    args = tyro.cli(ParkArguments, args=argv, prog="robot-wm arm park")
    with interrupt_on_signals():
        arm = select_arm(args.arm, args.port)
        channel = connect_to_supervisor(arm.port)
        if channel is not None:
            with closing(channel):
                _park_beside(channel)
        else:
            _park(arm)
    print("parked and released")
    return 0


def _park(arm: SelectedArm) -> None:
    config = arm.config
    serial_arm = SerialArm(
        config,
        calibration_of(config),
        lambda: open_bus(arm.port, config.protocol, config.baud, config.timing),
        RealClock(),
        notify=print,
    )
    with serial_arm:
        pass  # leaving the block parks and releases
    _require_parked(serial_arm.parked)


def _park_beside(channel: Channel) -> None:
    """Let the running supervisor park."""
    end_s = time.monotonic() + _TIMEOUT_S
    status = request(channel, "park", "the arm was parked by robot-wm arm park")
    while status["state"] != "released":
        if time.monotonic() > end_s:
            raise DeviceError(f"the arm was not parked within {_TIMEOUT_S:.0f} s; run: robot-wm arm release")
        time.sleep(_POLL_S)
        status = request(channel, "status", "parking")
    require_released(status["unreleased"])
    _require_parked(bool(status["parked"]))


def _require_parked(is_parked: bool) -> None:
    if not is_parked:
        raise DeviceError(
            "released, but not at the rest pose: it was blocked, or the motion takes longer than guard.park_s in the "
            "arm's file; it may have sunk: move it to its rest pose by hand"
        )
