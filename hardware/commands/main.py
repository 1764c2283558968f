"""Find, check, calibrate, park, release and emulate arms on serial ports."""

from importlib import import_module

from robot_wm.errors import RobotWMError, UnknownNameError

WORDS = {  # word -> (module with `main(argv) -> int`, what it does)
    "find": ("hardware.commands.find", "which ports, which servos, which protocol, at which baud"),
    "check": ("hardware.commands.check", "ids, firmware, readings, settings, loop rate; a small wiggle on request"),
    "calibrate": ("hardware.commands.calibrate", "guided: where each joint's ticks are in radians"),
    "park": ("hardware.commands.park", "move slowly to the rest pose, then release"),
    "release": ("hardware.commands.release", "switch every torque off at once; the emergency stop"),
    "emulate": ("hardware.commands.emulate", "a servo bus without servos, on a pseudo-terminal"),
}


def run(argv: list[str]) -> int:
    """Entry point of `robot-wm arm`."""
    if not argv or argv[0] in ("-h", "--help"):
        print(_help())
        return 0 if argv else RobotWMError.exit_status
    if argv[0] not in WORDS:
        raise UnknownNameError("arm command", argv[0], WORDS, "See: robot-wm arm --help")
    return int(import_module(WORDS[argv[0]][0]).main(argv[1:]))


def _help() -> str:
    lines = [f"  {word:<10} {what}" for word, (_, what) in WORDS.items()]
    return "\n".join(
        ["usage: robot-wm arm WORD [OPTIONS]", "", *lines, "", "robot-wm arm WORD --help: what a word takes."]
    )
