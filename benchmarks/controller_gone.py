"""A controller killed or frozen in the middle of a motion: how soon the arm is held, and how soon it is released.

    python -m benchmarks.controller_gone [--runs 20] [--protocol feetech]

Everything is real but the servos: a controller's process, the supervisor's process that it starts, a pseudo-terminal,
and the emulated bus behind it, in the wall's time. The controller sweeps; SIGKILL or SIGSTOP strikes it between two
commands. What the servos hear is the witness: *hold*, from the signal until the first goals after it, which are where
the arm stands; *release*, from the signal until the last torque is off. A frozen controller is woken then, and must be
refused. Wants an idle machine of two cores. Prints a table; exits with 1 where the bar does not hold.
"""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from statistics import median

import numpy as np
import tyro

from hardware.arm.calibration import RAD_PER_TICK, centred, save_calibration
from hardware.arm.servo_family import GOAL
from hardware.commands.common import connect_to_supervisor
from hardware.emulator.emulator import Emulator, EmulatorConfig
from hardware.emulator.live import LiveEmulator
from hardware.emulator.physics import IdealJoints
from robot_wm.config import save_config
from robot_wm.types import Floats
from tests.hardware.rigs import so101

HOLD_S = 0.2  # the bar
BETWEEN_S = 0.05  # after a command, with the next one as far away
WAIT_S = 60.0
REFUSED = 5
SIGNALS = {"killed": signal.SIGKILL, "frozen": signal.SIGSTOP}
CONTROLLER = """
import sys, time
import numpy as np
from hardware.arm.config import SerialArmConfig, calibration_of
from hardware.supervisor.client import SupervisedArm
from robot_wm.config import load_config
from robot_wm.errors import DeviceError
from robot_wm.types import ArmTarget
config = load_config(SerialArmConfig, sys.argv[1])
arm = SupervisedArm(config, calibration_of(config), config.port)
arm.connect()
sway = np.array([0.8, 0.2, -0.2, -0.2, 0.8])
try:
    for tick in range(10_000):
        arm.command(ArmTarget(arm.spec.q_rest_rad + sway * (1 if tick // 6 % 2 else -1), 0.5))
        if tick == 5:
            print("moving", flush=True)
        time.sleep(0.1)
except DeviceError as error:
    print(f"controller: {error}", file=sys.stderr)
    sys.exit(error.exit_status)
"""


@dataclass(frozen=True)
class Arguments:
    """Kill and freeze controllers."""

    runs: int = 20  # of each kind
    protocol: str = "feetech"
    seed: int = 0


@dataclass(frozen=True)
class Run:
    """One controller's end; seconds from the signal."""

    kind: str
    hold_s: float
    off_rad: float  # how far the goals of the hold are from where the arm stood
    release_s: float
    left_on: int  # servos that hold at the end
    refused: bool  # a frozen one, when it is woken


class Witness(Emulator):
    """Servos, and when they were written to: a hold may well repeat the goal that the arm has just reached."""

    def __init__(self, config: EmulatorConfig, seed: int) -> None:
        super().__init__(config, IdealJoints(), seed=seed)
        self.heard: list[tuple[float, Floats, Floats]] = []  # monotonic s, goals and pose in ticks
        self._writes = 0

    def feed(self, data: bytes, now_s: float, baud: int) -> list[tuple[float, bytes]]:
        """As the emulator does."""
        replies = super().feed(data, now_s, baud)
        writes = sum(servo.memory.version for servo in self.servos)
        if writes != self._writes:
            goals = np.array([servo.memory.get(GOAL) for servo in self.servos])
            pose = np.array([servo.motion.position() for servo in self.servos])
            self.heard.append((time.monotonic(), goals, pose))
            self._writes = writes
        return replies

    def wait_for_goals(self, after_s: float) -> tuple[float, Floats, Floats]:
        """The first goals after a moment."""
        wait_for(lambda: bool(self.heard) and self.heard[-1][0] > after_s, "new goals")
        return next(heard for heard in self.heard if heard[0] > after_s)


def wait_for(happened: Callable[[], bool], what: str) -> float:
    """When it did, on the monotonic clock. Raises TimeoutError."""
    end_s = time.monotonic() + WAIT_S
    while not happened():
        if time.monotonic() > end_s:
            raise TimeoutError(f"{what}: not within {WAIT_S:.0f} s")
        time.sleep(0.001)
    return time.monotonic()


def is_free(port: str) -> bool:
    """Whether no supervisor has the port any more."""
    channel = connect_to_supervisor(port)
    if channel is not None:
        channel.close()
    return channel is None


def run(witness: Witness, port: str, arm_file: Path, kind: str, rng: Random) -> Run:
    """Start a controller, strike it, see what becomes of the arm."""
    command = [sys.executable, "-c", CONTROLLER, str(arm_file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as controller:
        assert controller.stdout is not None
        try:
            if not controller.stdout.readline():
                raise RuntimeError("the controller does not start; its words are above")
            command_s, _, _ = witness.wait_for_goals(time.monotonic() + rng.random())
            time.sleep(max(0.0, command_s + BETWEEN_S - time.monotonic()))
            struck_s = time.monotonic()
            controller.send_signal(SIGNALS[kind])
            held_s, goals, pose = witness.wait_for_goals(struck_s)
            released_s = wait_for(lambda: not any(witness.torque_on), "all torques off")
            if kind == "frozen":
                controller.send_signal(signal.SIGCONT)
                controller.wait(WAIT_S)
        finally:
            controller.kill()
    wait_for(lambda: is_free(port), "the supervisor's end")
    off_rad = float(np.abs(goals - pose).max()) * RAD_PER_TICK
    left_on, refused = sum(witness.torque_on), controller.returncode == REFUSED
    return Run(kind, held_s - struck_s, off_rad, released_s - struck_s, left_on, refused)


def measure(arguments: Arguments, folder: Path) -> list[Run]:
    """All runs, one after the other on one bus."""
    witness = Witness(EmulatorConfig(arguments.protocol), arguments.seed)
    rng = Random(arguments.seed)
    with LiveEmulator(witness) as live:
        config = replace(so101(arguments.protocol), port=live.path, calibration=str(folder / "calibration.yaml"))
        save_calibration(centred(config.name, config.all_joints), folder / "calibration.yaml")
        save_config(config, folder / "arm.yaml")
        kinds = [kind for kind in SIGNALS for _ in range(arguments.runs)]
        return [run(witness, live.path, folder / "arm.yaml", kind, rng) for kind in kinds]


def table(runs: list[Run]) -> str:
    """Markdown, a row a kind."""
    rows = [
        "| controller | runs | hold ms: median, worst | off rad | release s: median, worst | left on | refused |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind in SIGNALS:
        mine = [each for each in runs if each.kind == kind]
        holds, releases = [1e3 * each.hold_s for each in mine], [each.release_s for each in mine]
        off_rad, left_on = max(each.off_rad for each in mine), sum(each.left_on for each in mine)
        refused = f"{sum(each.refused for each in mine)}/{len(mine)}" if kind == "frozen" else "-"
        rows.append(
            f"| {kind} | {len(mine)} | {median(holds):.0f}, {max(holds):.0f} | {off_rad:.3f} "
            f"| {median(releases):.2f}, {max(releases):.2f} | {left_on} | {refused} |"
        )
    return "\n".join(rows)


def main() -> int:
    """Measure and print."""
    arguments = tyro.cli(Arguments)
    with tempfile.TemporaryDirectory() as folder:
        runs = measure(arguments, Path(folder))
    print(table(runs))
    kept = (each.hold_s <= HOLD_S and not each.left_on and each.refused == (each.kind == "frozen") for each in runs)
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
