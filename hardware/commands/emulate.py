"""`robot-wm arm emulate`: servos that are not there, on a pseudo-terminal, until Ctrl-C."""

import argparse
import contextlib
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from hardware.emulator.emulator import Emulator, EmulatorConfig
from hardware.emulator.faults import FaultSchedule
from hardware.emulator.live import LiveEmulator
from hardware.emulator.models import PROTOCOLS
from hardware.emulator.physics import IdealJoints, Physics, World
from hardware.emulator.pictures import PictureWriter
from robot_wm import registry
from robot_wm.config import load_config

IDEAL, MUJOCO = "ideal", "mujoco"


def main(argv: list[str]) -> int:
    """Serve until SIGINT or SIGTERM; the first line on standard output is the path that clients open."""
    args = _arguments(argv)
    schedule = load_config(FaultSchedule, args.faults) if args.faults else FaultSchedule()
    with ExitStack() as closing:
        physics = open_physics(args.physics, args.scene, args.seed)
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="robot-wm-emulator-")))
        writer = _paint(physics, folder, closing)
        emulator = Emulator(EmulatorConfig(args.protocol), physics, schedule, args.seed)
        live = LiveEmulator(emulator, args.link, writer)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: live.stop())
        _introduce(live, emulator, physics, folder)
        live.serve()
    return 0


def _paint(physics: Physics, folder: Path, closing: ExitStack) -> PictureWriter | None:
    """Pictures of a world into files in `folder`; none where the joints stand in a void."""
    if not isinstance(physics, World):
        return None
    closing.callback(physics.close)
    return closing.enter_context(contextlib.closing(PictureWriter(physics.cameras, folder)))


def open_physics(name: str, scene: str = "tabletop", seed: int = 0) -> Physics:
    """`ideal` joints, or the physics that an installed package offers under a name, its table laid by `seed`.

    Raises UnknownNameError, MissingDependencyError.
    """
    if name == IDEAL:
        return IdealJoints()
    physics = registry.find(registry.PHYSICS, name)(scene)
    if isinstance(physics, World):
        physics.reset(seed)
    return physics


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="robot-wm arm emulate", description="A servo bus without servos.")
    parser.add_argument("--protocol", choices=PROTOCOLS, default=PROTOCOLS[0])
    parser.add_argument("--physics", default=MUJOCO, metavar=f"{MUJOCO}|{IDEAL}", help="what the motors push against")
    parser.add_argument("--scene", default="tabletop", help="the table of --physics mujoco")
    parser.add_argument("--faults", type=Path, metavar="FILE.yaml", help="what goes wrong, and when")
    parser.add_argument("--seed", type=_seed, default=0, help="of faults, jitter and the table")
    parser.add_argument("--link", type=Path, metavar="PATH", help="a symbolic link to the pty, made and removed")
    return parser.parse_args(argv)


def _seed(word: str) -> int:
    if not word.isdecimal():
        raise argparse.ArgumentTypeError(f"allowed: 0, 1, 2, ..., received {word!r}")
    return int(word)


def _introduce(live: LiveEmulator, emulator: Emulator, physics: Physics, folder: Path) -> None:
    print(live.path, flush=True)
    names = ", ".join(f"{n + 1} {name}" for n, name in enumerate(physics.joint_names))
    print(f"{emulator.config.protocol} servos: {names}; {emulator.servos[0].baud} baud", file=sys.stderr)
    if isinstance(physics, World):
        print(f"on the table: {', '.join(physics.names)}", file=sys.stderr)
        for name in physics.cameras:
            print(f"camera {name}: {folder / name}", file=sys.stderr)
    print("Ctrl-C ends it", file=sys.stderr, flush=True)
