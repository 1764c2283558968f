"""`robot-wm arm release`: switch every torque off at once; the emergency stop of a running controller."""

from contextlib import closing
from dataclasses import dataclass

import tyro

from hardware.arm import release
from hardware.buses import open_bus
from hardware.commands.common import SelectedArm, connect_to_supervisor, request, require_released, select_arm


@dataclass(frozen=True)
class ReleaseArguments:
    """Switch the torque of all servos off at once and verify it. The arm sinks: hold it, or park it first."""

    port: str | None = None  # serial port of the arm; default: the one in its file
    arm: str = "so101"  # name of the arm, or its YAML file


def main(argv: list[str]) -> int:
    """Return exit status 0 if every servo is off; raise DeviceError (5) if one may still be energised."""
    args = tyro.cli(ReleaseArguments, args=argv, prog="robot-wm arm release")
    arm = select_arm(args.arm, args.port)
    _release(arm)
    print("released: the torque of all servos is off")
    return 0


def _release(arm: SelectedArm) -> None:
    """Release, by the supervisor if there is one. Raises DeviceError naming servos that may still be energised."""
    channel = connect_to_supervisor(arm.port)
    if channel is not None:
        with closing(channel):
            require_released(request(channel, "release", "robot-wm arm release")["unreleased"])
        return
    with open_bus(arm.port, arm.config.protocol, arm.config.baud, arm.config.timing) as bus:
        servos = release(bus, arm.config.servos)
    require_released([arm.config.name_of(servo) for servo in servos])
