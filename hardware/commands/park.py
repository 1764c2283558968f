"""`robot-wm arm park`: move slowly to the rest pose, then release. Works beside a running controller, which it ends."""

import time
from contextlib import closing
from dataclasses import dataclass

import tyro

from hardware.arm.config import calibration_of
from hardware.arm.serial_arm import SerialArm
from hardware.buses import open_bus
from hardware.commands.common import (
    SelectedArm,
    ask,
    connect_to_supervisor,
    interrupt_on_signals,
    require_released,
    select_arm,
)
from hardware.supervisor.wire import Channel
from robot_wm.control.clock import RealClock
from robot_wm.errors import DeviceError

_PATIENCE_S = 10.0
_POLL_S = 0.1


@dataclass(frozen=True)
class ParkArguments:
    """Move slowly to the rest pose, then switch every torque off."""

    port: str | None = None  # of the arm; without: the one in its file
    arm: str = "so101"  # a name, or its YAML file


def main(argv: list[str]) -> int:
    """Exit status 0 when the arm is parked and released."""
    args = tyro.cli(ParkArguments, args=argv, prog="robot-wm arm park")
    interrupt_on_signals()
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
        tell=print,
    )
    with serial_arm:
        pass  # leaving the block parks and releases
    _require_parked(serial_arm.parked)


def _park_beside(channel: Channel) -> None:
    """Have the running supervisor do it."""
    end_s = time.monotonic() + _PATIENCE_S
    status = ask(channel, "park", "the arm was parked by robot-wm arm park")
    while status["state"] != "released":
        if time.monotonic() > end_s:
            raise DeviceError("the supervisor does not get the arm parked; robot-wm arm release switches it off")
        time.sleep(_POLL_S)
        status = ask(channel, "status", "parking")
    require_released(status)
    _require_parked(bool(status["parked"]))


def _require_parked(is_parked: bool) -> None:
    if not is_parked:
        raise DeviceError(
            "released, but not at the rest pose: it was blocked, or the way takes longer than guard.park_s of the "
            "arm's file; it may have sunk: lay it down by hand"
        )
