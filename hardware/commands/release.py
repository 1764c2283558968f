"""`robot-wm arm release`: switch every torque off at once. Works beside a running controller, as its emergency stop."""

from contextlib import closing
from dataclasses import dataclass

import tyro

from hardware.arm.start_stop import release
from hardware.buses import open_bus
from hardware.commands.common import SelectedArm, ask, connect_to_supervisor, require_released, select_arm


@dataclass(frozen=True)
class ReleaseArguments:
    """Switch every torque off at once, and read back that it is off. The arm sinks: hold it, or park it first."""

    port: str | None = None  # of the arm; without: the one in its file
    arm: str = "so101"  # a name, or its YAML file


def main(argv: list[str]) -> int:
    """Exit status 0 when every servo is off, 5 when one may still hold."""
    args = tyro.cli(ReleaseArguments, args=argv, prog="robot-wm arm release")
    arm = select_arm(args.arm, args.port)
    _release(arm)
    print("released: every servo's torque is off")
    return 0


def _release(arm: SelectedArm) -> None:
    """By its supervisor where it has one. Raises DeviceError naming the servos that may still hold."""
    channel = connect_to_supervisor(arm.port)
    if channel is not None:
        with closing(channel):
            require_released(ask(channel, "release", "robot-wm arm release"))
        return
    with open_bus(arm.port, arm.config.protocol, arm.config.baud, arm.config.timing) as bus:
        held = release(bus, arm.config.servos)
    require_released({"unreleased": [arm.config.name_of(servo) for servo in held]})
