"""`robot-wm arm release`: switch every torque off at once. Works beside a running controller, as its emergency stop."""

from contextlib import closing
from dataclasses import dataclass

import tyro

from hardware.commands.common import Which, supervisor_of, which
from hardware.opening import open_bus
from hardware.start_stop import release
from robot_wm.errors import DeviceError


@dataclass(frozen=True)
class ReleaseArguments:
    """Switch every torque off at once, and read back that it is off. The arm sinks: hold it, or park it first."""

    port: str | None = None  # of the arm; without: the one in its file
    arm: str = "so101"  # a name, or its YAML file


def main(argv: list[str]) -> int:
    """Exit status 0 when every servo is off, 5 when one may still hold."""
    args = tyro.cli(ReleaseArguments, args=argv, prog="robot-wm arm release")
    arm = which(args.arm, args.port)
    held = _released(arm)
    if held:
        raise DeviceError(f"may still hold, cut the arm's power: {', '.join(held)}")
    print("released: every servo's torque is off")
    return 0


def _released(arm: Which) -> list[str]:
    """Names of the servos that may still hold."""
    channel = supervisor_of(arm.port)
    if channel is not None:
        with closing(channel):
            channel.send({"do": "release", "why": "robot-wm arm release"})
            status = channel.receive()
        return [str(name) for name in status["unreleased"]]
    with open_bus(arm.port, arm.config.protocol, arm.config.baud, arm.config.timing) as bus:
        return [arm.config.name_of(servo) for servo in release(bus, arm.config.servos)]
