"""What happens when something breaks in the middle of a motion: stop time and distance for every fault, as a table.

    python -m benchmarks.faults [--seeds 20] [--protocol feetech] [--workers 1] [--json FILE]

The serial driver moves the emulated SO-101 (MuJoCo physics, gravity, gears) on a bus in simulated time; each run has
one fault at a moment drawn by its seed. Times are simulated, so a busy machine makes no difference. Columns: how often
a fault was latched and which; seconds from strike to latch; the largest step of a goal over what the limits allow (1 is
the limit); seconds from latch until every joint is slower than 0.02 rad/s; how far the tool went meanwhile, sinking
after the release included; milliseconds from latch until the release had been tried on every servo; servos that were
still on and unreported.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from hardware.arm.calibration import centred
from hardware.arm.config import SerialArmConfig
from hardware.arm.faults import ArmFaultError
from hardware.arm.serial_arm import SerialArm
from hardware.arm.servo_family import GOAL, TORQUE
from hardware.bus.base import ServoBus
from hardware.buses import bus_on
from hardware.emulator.emulator import Emulator, EmulatorConfig
from hardware.emulator.faults import Fault, FaultSchedule
from hardware.emulator.lockstep import Lockstep
from hardware.emulator.physics import World
from hardware.supervisor.loop import CYCLE_S
from hardware.supervisor.state_machine import HEARTBEAT_S, State, StateMachine
from robot_wm import registry
from robot_wm.config import find_config, load_config
from robot_wm.errors import DeviceError
from robot_wm.types import ArmTarget, Floats

STILL_RAD_S = 0.02
SWEEP_RAD = 0.5  # to either side of the rest pose
AFTER_S = 4.0  # watched after a fault
HOLD_S = 0.4  # watched after a hold
RUN_S = 4.0
_FOREVER = 1e9

BUS_FAULTS: dict[str, dict[str, Any]] = {
    "drop": {"probability": 0.2},
    "lost_request": {"probability": 0.2},
    "late": {"probability": 0.1},
    "truncate": {"probability": 0.2},
    "flip": {"probability": 0.2},
    "echo": {},
    "noise": {"probability": 0.3},
    "duplicate": {"servos": (3,)},
    "slow_usb": {},
    "stall": {"until": 0.5},
    "unplug": {},
    "brown_out": {"until": 0.3},
    "power cut": {"kind": "brown_out", "volts": 0.5},
    "silent servo": {"kind": "drop", "servos": (3,)},
    "stuck": {"servos": (2,)},
    "stripped": {"servos": (3,)},
    "overload": {"servos": (2,)},
    "hot": {"servos": (4,)},
    "wrap": {"servos": (1,)},
}
CONTROLLER_FAULTS = ("controller killed", "controller frozen", "controller hangs", "emergency stop")


@dataclass
class Witness:
    """A bus that writes down which goals were sent and on which servos a release was tried, and when."""

    bus: ServoBus
    now_s: Callable[[], float]
    angles: Callable[[], Floats]
    goals: list[tuple[float, dict[int, int], Floats]] = field(default_factory=list)  # when, ticks, where it was
    releases: dict[int, float] = field(default_factory=dict)  # servo -> when first tried

    def sync_write_block(self, first: str, last: str, values: Mapping[int, Mapping[str, int]]) -> None:
        """As the bus does."""
        goals = {servo: block[GOAL] for servo, block in values.items() if GOAL in block}
        if goals:
            self.goals.append((self.now_s(), goals, self.angles().copy()))
        self.bus.sync_write_block(first, last, values)

    def sync_write(self, register: str, values: Mapping[int, int]) -> None:
        """As the bus does."""
        self._note(register, values)
        self.bus.sync_write(register, values)

    def write(self, servo: int, register: str, value: int) -> None:
        """As the bus does."""
        self._note(register, {servo: value})
        self.bus.write(servo, register, value)

    def _note(self, register: str, values: Mapping[int, int]) -> None:
        if register == TORQUE:
            for servo, value in values.items():
                if value == 0:
                    self.releases.setdefault(servo, self.now_s())
                else:
                    self.releases.pop(servo, None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bus, name)


@dataclass(frozen=True)
class Outcome:
    """One run."""

    fault: str
    seed: int
    latched: str  # kind of the fault that was latched; empty where none was
    text: str
    latch_s: float  # from the strike; nan where none was latched
    step_share: float  # the largest step of a goal over what the limits allow
    still_s: float  # from the latch until nothing moves
    distance_m: float  # of the tool, from the latch on
    release_s: float  # from the latch until the release had been tried on every servo
    left_on: int  # servos whose torque is on at the end and that nobody reported


class Rig:
    """The arm on its bus, moving."""

    def __init__(self, world: World, protocol: str, faults: tuple[Fault, ...], seed: int) -> None:
        config = load_config(SerialArmConfig, find_config("arms", "so101"))
        if protocol != config.protocol:
            config = replace(config, protocol=protocol, drive=replace(config.drive, registers={"return_delay": 0}))
        self.config, self.world, self.faults = config, world, faults
        world.reset(seed, ["red pad"])
        self.lockstep = Lockstep(Emulator(EmulatorConfig(protocol), world, FaultSchedule(faults), seed))
        self.lockstep.restart()
        self.witness: Witness | None = None
        calibration = centred(config.name, config.all_joints)
        self.calibration = calibration
        self.arm = SerialArm(config, calibration, self._open, self.lockstep, replace(world.spec, name=config.name))
        self.rng = np.random.default_rng([seed, 5])

    def targets(self) -> Iterator[ArmTarget]:
        """Sweeping about the rest pose as fast as the limits allow; a joint that is stuck is asked to move."""
        rest = self.arm.spec.q_rest_rad
        while True:
            q_rad = rest + self.rng.uniform(-SWEEP_RAD, SWEEP_RAD, len(rest))
            for joint in self._stuck():
                here_rad = self.world.angles()[joint]
                q_rad[joint] = rest[joint] + np.copysign(SWEEP_RAD, rest[joint] - here_rad)
            target = ArmTarget(q_rad, float(self.rng.uniform()))
            for _ in range(int(self.rng.integers(3, 8))):
                yield target

    def _stuck(self) -> list[int]:
        """Joints that are blocked now. One that stands where it is asked to be harms nothing and is not noticed."""
        struck = (fault for fault in self.faults if fault.kind == "stuck" and self.lockstep.now_s() >= fault.from_s)
        return [servo - 1 for fault in struck for servo in fault.servos]

    def tool_m(self) -> Floats:
        """Where the tool truly is."""
        return self.arm._tool_position(self.world.angles()[: self.arm.spec.n_joints])

    def _open(self) -> ServoBus:
        bus = bus_on(self.lockstep.open_port(self.config.baud), self.config.protocol)
        self.witness = Witness(bus, self.lockstep.now_s, self.world.angles)
        return self.witness  # type: ignore[return-value]


def run_bus_fault(world: World, name: str, seed: int, protocol: str = "feetech") -> Outcome:
    """One fault of bus, servo or supply, with the driver in the controller's own process."""
    options = dict(BUS_FAULTS[name])
    strike_s = 1.0 + float(np.random.default_rng([seed, 6]).uniform())
    until_s = strike_s + options.pop("until", _FOREVER)
    fault = Fault(**{"kind": name, **options, "from_s": strike_s, "until_s": until_s})
    rig = Rig(world, protocol, (fault,), seed)
    rig.arm.connect()
    watch = _Watch(rig, strike_s)
    try:
        for target in rig.targets():
            rig.arm.command(target)
            rig.lockstep.wait_until(rig.lockstep.now_s() + 0.1)
            if rig.lockstep.now_s() > strike_s + RUN_S:
                break
    except DeviceError as error:
        watch.latched(error)
    rig_stop(rig)
    return watch.outcome(name, seed)


def run_controller_fault(world: World, name: str, seed: int, protocol: str = "feetech") -> Outcome:
    """One fault of the controller, with the supervisor's keeper between it and the arm."""
    rig = Rig(world, protocol, (), seed)
    rig.arm.connect()
    clock, strike_s = rig.lockstep, 1.0 + float(rig.rng.uniform())
    keeper = StateMachine(rig.arm, clock, lambda words: None)
    watch, targets, due_s, struck = _Watch(rig, strike_s), rig.targets(), 0.0, False
    while clock.now_s() < strike_s + RUN_S + AFTER_S and keeper.state is not State.RELEASED:
        now_s = clock.now_s()
        if now_s < strike_s or (name == "controller hangs" and not struck):
            keeper.heartbeat()
        if now_s < strike_s and now_s >= due_s:
            due_s += 0.1
            keeper.command(next(targets))
        if now_s >= strike_s and not struck:
            struck = name != "controller hangs"
            if name == "controller killed":
                keeper.controller_gone("it was killed")
            elif name == "emergency stop":
                keeper.emergency_stop("the test asked for it")
        keeper.cycle()
        watch.see_keeper(keeper)
        clock.wait_until(now_s + min(CYCLE_S, HEARTBEAT_S))
    return watch.outcome(name, seed)


def rig_stop(rig: Rig) -> None:
    """However it went, stop as a program would."""
    with suppress(DeviceError):  # what could not be released is in the fault's text
        rig.arm.stop()


class _Watch:
    """Measures one run from the strike on."""

    def __init__(self, rig: Rig, strike_s: float) -> None:
        self._rig, self._strike_s = rig, strike_s
        self._text, self._kind, self._latch_s, self._halt_s = "", "", float("nan"), float("nan")
        self._tool_m = np.zeros(3)
        self._still_s = self._distance_m = 0.0

    def latched(self, error: DeviceError) -> None:
        """A fault was raised: watch what still moves."""
        self._text = str(error)
        self._kind = error.fault.kind.value if isinstance(error, ArmFaultError) else type(error).__name__
        self._latch_s = self._rig.arm.fault.stamp_s if self._rig.arm.fault else self._rig.lockstep.now_s()
        if self._rig.arm.fault is None or not self._rig.arm.fault.parks:
            self._follow()

    def see_keeper(self, keeper: StateMachine) -> None:
        """The moment at which the keeper holds or releases is the stop; a way to the rest pose comes after it."""
        if not self._text and self._rig.lockstep.now_s() >= self._strike_s and keeper.state is not State.MOVING:
            fault = self._rig.arm.fault
            self._kind = fault.kind.value if fault else "hold"
            self._text = fault.text() if fault else "hold"
            self._latch_s = self._rig.lockstep.now_s()
            if keeper.state is State.RELEASED:
                self._follow()
            else:
                self._follow_hold()

    def outcome(self, name: str, seed: int) -> Outcome:
        """All of it."""
        rig, fault = self._rig, self._rig.arm.fault
        self._kind = fault.kind.value if fault else self._kind
        witness = rig.witness
        assert witness is not None
        tried = [witness.releases.get(servo, float("nan")) for servo in rig.config.servos]
        reported = set(fault.unreleased if fault else rig.arm.unreleased)
        names = [rig.config.name_of(servo) for servo in rig.config.servos]
        left = sum(on and name not in reported for on, name in zip(rig.lockstep.emulator.torque_on, names, strict=True))
        stamp_s = fault.stamp_s if fault else self._latch_s
        release_s = max(tried) - stamp_s if fault is None or not fault.parks else float("nan")
        return Outcome(
            name,
            seed,
            self._kind,
            fault.text() if fault else self._text,
            self._latch_s - self._strike_s,
            self._step_share(witness),
            self._still_s,
            self._distance_m,
            release_s,
            left,
        )

    def _follow(self) -> None:
        """Let time pass until nothing moves."""
        self._advance(AFTER_S)

    def _follow_hold(self) -> None:
        """The stop of a hold: how far the arm goes before the way to rest begins."""
        self._advance(HOLD_S)

    def _advance(self, seconds: float) -> None:
        rig, start_s = self._rig, self._rig.lockstep.now_s()
        start_m = rig.tool_m()
        while rig.lockstep.now_s() < start_s + seconds:
            rig.lockstep.wait_until(rig.lockstep.now_s() + 0.005)
            self._distance_m = max(self._distance_m, float(np.linalg.norm(rig.tool_m() - start_m)))
            if np.abs(rig.world.speeds()).max() > STILL_RAD_S:
                self._still_s = rig.lockstep.now_s() - start_s

    def _step_share(self, witness: Witness) -> float:
        """Largest goal step over one interval at full speed; a goal at the present pose is a hold, no step."""
        rig, spec = self._rig, self._rig.arm.spec
        span = abs(rig.config.gripper_open_rad - rig.config.gripper_closed_rad)
        allowed = np.append(spec.dq_max_rad_s, spec.gripper_rate_max * span) / spec.rate_hz + 2e-3
        worst, last = 0.0, None
        for _, goals, where in witness.goals:
            angles = rig.calibration.angles_rad(goals)
            if last is not None:
                step = np.minimum(np.abs(angles - last), np.abs(angles - where))
                worst = max(worst, float((step / allowed).max()))
            last = angles
        return worst


def runs(name: str, seeds: int, protocol: str) -> list[Outcome]:
    """One fault with every seed, in a world of its own."""
    world: World = registry.find(registry.PHYSICS, "mujoco")("tabletop")
    run = run_controller_fault if name in CONTROLLER_FAULTS else run_bus_fault
    try:
        return [run(world, name, seed, protocol) for seed in range(seeds)]
    finally:
        world.close()


def table(outcomes: list[Outcome]) -> str:
    """Markdown, a row a fault."""
    rows = [
        "| fault | latched | latch s | step | still s | tool cm | release ms | left on |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in dict.fromkeys(each.fault for each in outcomes):
        runs = [each for each in outcomes if each.fault == name]
        kinds = [each.latched for each in runs if each.latched]
        said = ", ".join(f"{kind} {kinds.count(kind)}/{len(runs)}" for kind in sorted(set(kinds))) or f"0/{len(runs)}"
        rows.append(
            f"| {name} | {said} | {_worst(runs, 'latch_s', 1.0, 2)} | {_worst(runs, 'step_share', 1.0, 2)} "
            f"| {_worst(runs, 'still_s', 1.0, 2)} | {_worst(runs, 'distance_m', 100.0, 1)} "
            f"| {_worst(runs, 'release_s', 1000.0, 0)} | {sum(each.left_on for each in runs)} |"
        )
    return "\n".join(rows)


def _worst(runs: list[Outcome], what: str, scale: float, digits: int) -> str:
    values = [value for each in runs if np.isfinite(value := getattr(each, what)) and each.latched]
    if what == "step_share":
        values = [each.step_share for each in runs]
    return f"{scale * max(values):.{digits}f}" if values else "-"


def main() -> None:
    """Run all, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--protocol", choices=("feetech", "dynamixel"), default="feetech")
    parser.add_argument("--only", nargs="*", help="these faults")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    names = args.only or (*BUS_FAULTS, *CONTROLLER_FAULTS)
    with ProcessPoolExecutor(args.workers, mp_context=get_context("spawn")) as pool:
        parts = pool.map(partial(runs, seeds=args.seeds, protocol=args.protocol), names)
        outcomes = [outcome for part in parts for outcome in part]
    print(f"{args.seeds} seeds each, {args.protocol}; the worst of them\n")
    print(table(outcomes))
    if args.json:
        args.json.write_text(json.dumps([asdict(each) for each in outcomes], indent=1))


if __name__ == "__main__":
    main()
