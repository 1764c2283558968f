"""SerialArm on an emulated bus whose time is simulated: what the tests of this folder share."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from hardware.arm.calibration import Calibration, centred
from hardware.arm.config import SerialArmConfig
from hardware.arm.serial_arm import SerialArm
from hardware.bus.base import ServoBus
from hardware.buses import bus_on
from hardware.emulator.emulator import Emulator, EmulatorConfig
from hardware.emulator.faults import Fault, FaultSchedule
from hardware.emulator.lockstep import Lockstep
from hardware.emulator.physics import Drives, IdealJoints
from robot_wm.config import find_config, load_config
from robot_wm.types import ArmTarget, Floats

PROTOCOLS = ("feetech", "dynamixel")


def so101(protocol: str = "feetech") -> SerialArmConfig:
    """The shipped configuration; for Dynamixel, the same arm with XM430 servos."""
    config = load_config(SerialArmConfig, find_config("arms", "so101"))
    if protocol == "feetech":
        return config
    return replace(config, protocol=protocol, drive=replace(config.drive, registers={"return_delay": 0}))


class Joints(IdealJoints):
    """Ideal joints that start where a test wants them."""

    moved_rad = 0.0  # the farthest that any joint has been from where it was placed

    def place(self, angles_rad: Floats) -> None:
        self._q = np.array(angles_rad, dtype=np.float64)
        self._dq = np.zeros_like(self._q)
        self._placed, self.moved_rad = self._q.copy(), 0.0

    def step(self, drives: Drives) -> None:
        super().step(drives)
        self.moved_rad = max(self.moved_rad, float(np.abs(self._q - self._placed).max()))


@dataclass
class EmulatedRig:
    """An emulated arm, its clock, and what was warned of."""

    arm: SerialArm
    lockstep: Lockstep
    joints: Joints
    config: SerialArmConfig
    warnings: list[str] = field(default_factory=list)

    @property
    def emulator(self) -> Emulator:
        return self.lockstep.emulator

    @property
    def torque_on(self) -> tuple[bool, ...]:
        return self.emulator.torque_on

    def run(self, target: ArmTarget, seconds: float) -> None:
        """Command a target at the arm's rate."""
        dt_s = 1.0 / self.arm.spec.rate_hz
        for _ in range(round(seconds / dt_s)):
            self.arm.command(target)
            self.lockstep.wait_until(self.lockstep.now_s() + dt_s)


def emulated_rig(
    protocol: str = "feetech",
    faults: tuple[Fault, ...] = (),
    seed: int = 0,
    config: SerialArmConfig | None = None,
    calibration: Calibration | None = None,
    pose_rad: Floats | None = None,
    wrap_bus: Callable[[ServoBus], ServoBus] = lambda bus: bus,
    models: tuple[str, ...] = (),
    watchdog: bool = False,
) -> EmulatedRig:
    """An arm on a desk, not connected, at rest or in `pose_rad` (n + 1,)."""
    config = so101(protocol) if config is None else config
    joints = Joints()
    rest = np.array([*config.q_rest_rad, config.gripper_rad(config.gripper_rest)])
    joints.place(rest if pose_rad is None else pose_rad)
    lockstep = Lockstep(Emulator(EmulatorConfig(protocol, models), joints, FaultSchedule(faults), seed))
    lockstep.restart()
    warnings: list[str] = []
    arm = SerialArm(
        config,
        centred(config.name, config.all_joints) if calibration is None else calibration,
        lambda: wrap_bus(bus_on(lockstep.open_port(config.baud), protocol)),
        lockstep,
        notify=warnings.append,
        use_watchdog=watchdog,
    )
    return EmulatedRig(arm, lockstep, joints, config, warnings)
