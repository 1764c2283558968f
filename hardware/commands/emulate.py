"""`robot-wm arm emulate`: emulate a servo bus on a pseudo-terminal, until Ctrl-C."""

import argparse
import contextlib
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from hardware.commands.common import handlers
from hardware.emulator import (
    PROTOCOLS,
    Emulator,
    EmulatorConfig,
    FaultSchedule,
    IdealJoints,
    LiveEmulator,
    Physics,
    PictureWriter,
    World,
)
from robot_wm import registry
from robot_wm.config import load_config

IDEAL, MUJOCO = "ideal", "mujoco"


def main(argv: list[str]) -> int:
    """Serve until SIGINT or SIGTERM; the first line on standard output is the path for clients to open."""
    args = _arguments(argv)
    schedule = load_config(FaultSchedule, args.faults) if args.faults else FaultSchedule()
    with ExitStack() as closing:
        physics = open_physics(args.physics, args.scene, args.seed)
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="robot-wm-emulator-")))
        writer = _picture_writer(physics, folder, closing)
        emulator = Emulator(EmulatorConfig(args.protocol), physics, schedule, args.seed)
        live = LiveEmulator(emulator, args.link, writer)
        closing.enter_context(handlers(lambda *_: live.stop(), signal.SIGINT, signal.SIGTERM))
        _print_summary(live, emulator, physics, folder)
        live.serve()
    return 0


def _picture_writer(physics: Physics, folder: Path, closing: ExitStack) -> PictureWriter | None:
    """Return a writer of the scene's cameras to files in `folder`; None for a physics without a scene."""
    if not isinstance(physics, World):
        return None
    closing.callback(physics.close)
    return closing.enter_context(contextlib.closing(PictureWriter(physics.cameras, folder)))


def open_physics(name: str, scene: str = "tabletop", seed: int = 0) -> Physics:
    """Return `ideal` joints, or the named physics of an installed package with its scene reset.

    Args:
        name: "ideal", or an entry point in the group `robot_wm.physics`.
        scene: name of the scene.
        seed: of the scene.

    Raises:
        UnknownNameError: for a name that no package offers.
        MissingDependencyError: when the package lacks a dependency.
    """
    if name == IDEAL:
        return IdealJoints()
    physics = registry.find(registry.PHYSICS, name)(scene)
    if isinstance(physics, World):
        physics.reset(seed)
    return physics


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="robot-wm arm emulate", description="Emulate a bus with the servos of an SO-101."
    )
    parser.add_argument("--protocol", choices=PROTOCOLS, default=PROTOCOLS[0], help="protocol of the servos")
    parser.add_argument(
        "--physics", default=MUJOCO, metavar=f"{MUJOCO}|{IDEAL}", help="physics of the joints that the motors drive"
    )
    parser.add_argument("--scene", default="tabletop", help="scene of --physics mujoco")
    parser.add_argument("--faults", type=Path, metavar="FILE.yaml", help="schedule of faults to inject")
    parser.add_argument("--seed", type=_seed, default=0, help="random seed of faults, jitter and scene")
    parser.add_argument("--link", type=Path, metavar="PATH", help="symbolic link to the pty, removed at the end")
    return parser.parse_args(argv)


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"allowed: 0, 1, 2, ..., received {text!r}")
    return int(text)


def _print_summary(live: LiveEmulator, emulator: Emulator, physics: Physics, folder: Path) -> None:
    print(live.path, flush=True)
    names = ", ".join(f"{n + 1} {name}" for n, name in enumerate(physics.joint_names))
    print(f"{emulator.config.protocol} servos: {names}; {emulator.servos[0].baud} baud", file=sys.stderr)
    if isinstance(physics, World):
        print(f"objects: {', '.join(physics.names)}", file=sys.stderr)
        for name in physics.cameras:
            print(f"camera {name}: {folder / name}", file=sys.stderr)
    print("press Ctrl-C to stop", file=sys.stderr, flush=True)
