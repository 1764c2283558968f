"""Find, check, calibrate, park, release and emulate arms on serial ports."""

from importlib import import_module

from robot_wm.errors import RobotWMError, UnknownNameError

COMMANDS = {  # name -> (module with `main(argv) -> int`, description)
    "find": ("hardware.commands.find", "find serial ports and the servos on them"),
    "check": (
        "hardware.commands.check",
        "check servos, calibration and loop rate; optionally move each joint slightly",
    ),
    "calibrate": ("hardware.commands.calibrate", "calibrate the joints interactively"),
    "park": ("hardware.commands.park", "move slowly to the rest pose, then release"),
    "release": ("hardware.commands.release", "switch the torque of all servos off at once (emergency stop)"),
    "emulate": ("hardware.commands.emulate", "emulate a servo bus on a pseudo-terminal"),
}


def run(argv: list[str]) -> int:
    """Entry point of `robot-wm arm`."""
    if not argv or argv[0] in ("-h", "--help"):
        print(_help())
        return 0 if argv else RobotWMError.exit_status
    if argv[0] not in COMMANDS:
        raise UnknownNameError("arm command", argv[0], COMMANDS, "See: robot-wm arm --help")
    return int(import_module(COMMANDS[argv[0]][0]).main(argv[1:]))


def _help() -> str:
    lines = [f"  {name:<10} {description}" for name, (_, description) in COMMANDS.items()]
    return "\n".join(
        [
            "usage: robot-wm arm COMMAND [OPTIONS]",
            "",
            __doc__ or "",
            "",
            *lines,
            "",
            "Run robot-wm arm COMMAND --help for the options of a command.",
        ]
    )
