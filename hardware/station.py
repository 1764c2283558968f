"""Setups by name: `so101`, a real arm behind its supervisor, and `emulated`, the same driver on an emulated bus.

The emulated one runs in lockstep: waiting is what advances physics, servos and bus together, so it is deterministic
and faster than real time. Its table, cameras and judge are the simulator's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self, final

from numpy.typing import NDArray

from hardware.arm.calibration import Calibration, centred
from hardware.arm.config import SerialArmConfig, calibration_of
from hardware.arm.serial_arm import SerialArm
from hardware.bus.base import ServoBus
from hardware.bus.errors import PortError
from hardware.bus.tap import TappedPort
from hardware.buses import bus_on
from hardware.cameras import open_cameras
from hardware.emulator.emulator import Emulator, EmulatorConfig
from hardware.emulator.faults import FaultSchedule
from hardware.emulator.lockstep import Lockstep
from hardware.emulator.physics import World
from hardware.supervisor.client import SupervisedArm
from robot_wm import registry
from robot_wm.camera import Camera
from robot_wm.config import find_config, from_values, load_config, to_values
from robot_wm.control.agent import Decides
from robot_wm.control.clock import RealClock
from robot_wm.control.judging import Judge
from robot_wm.errors import ConfigError
from robot_wm.goals import Task
from robot_wm.station.make import arm_values
from robot_wm.station.plain import PlainStation
from robot_wm.station.station import BusListener, Simulation, Station

_BY_ID = "/dev/serial/by-id"


def so101_station(scene: str, arm_file: str | None = None, port: str | None = None) -> "SerialStation":
    """Make the setup of `--arm so101`, or of the serial arm that a YAML file describes; it ignores `scene`.

    Raises PortError where there is no such port, ConfigError where the arm is not calibrated.
    """
    file = arm_file or "so101"
    config = from_values(SerialArmConfig, arm_values(file), str(find_config("arms", file)))
    where = port or config.port
    _require_port(where)
    calibration = calibration_of(config)
    cameras = open_cameras(config.cameras)
    return SerialStation(SupervisedArm(config, calibration, where), cameras, calibration)


def emulated_station(scene: str, faults: FaultSchedule | None = None, seed: int = 0) -> "EmulatedStation":
    """Make the setup of `--arm emulated`. Raises UnknownNameError, ConfigError."""
    world = registry.find(registry.PHYSICS, "mujoco")(scene)
    config = load_config(SerialArmConfig, find_config("arms", "so101"))
    return EmulatedStation(world, replace(config, name="emulated"), faults or FaultSchedule(), seed)


@final
class SerialStation(PlainStation):
    """A real arm and its cameras."""

    def __init__(self, arm: SupervisedArm, cameras: Mapping[str, Camera], calibration: Calibration) -> None:
        super().__init__(arm, cameras, RealClock())
        self._supervised, self._calibration = arm, calibration

    @property
    def calibration(self) -> Mapping[str, Any]:
        """As its file has it."""
        return to_values(self._calibration)

    def tap_bus(self, listener: BusListener) -> None:
        """Pass all bytes of the bus to `listener`, a moment after they went over it."""
        self._supervised.tap_bus(listener)


@final
class EmulatedStation(Station, Simulation):
    """The serial driver on an emulated bus before a simulated table. Enter it, then `reset` it first."""

    def __init__(self, world: World, config: SerialArmConfig, faults: FaultSchedule, seed: int) -> None:
        if world.joint_names != tuple(joint.name for joint in config.all_joints):
            raise ConfigError(
                f"arm {config.name!r} has the joints {', '.join(joint.name for joint in config.all_joints)}, "
                f"the physics has {', '.join(world.joint_names)}; the emulated bus carries the SO-101 only"
            )
        self._world, self._config = world, config
        self._lockstep = Lockstep(Emulator(EmulatorConfig(config.protocol), world, faults, seed))
        self._calibration = centred(config.name, config.all_joints)
        self._listener: BusListener | None = None
        spec = replace(world.spec, name=config.name)
        self._arm = SerialArm(config, self._calibration, self._open_bus, self._lockstep, spec)

    @property
    def arm(self) -> SerialArm:
        return self._arm

    @property
    def cameras(self) -> Mapping[str, Camera]:
        return self._world.cameras

    @property
    def clock(self) -> Lockstep:
        return self._lockstep

    @property
    def simulation(self) -> "EmulatedStation":
        return self

    @property
    def names(self) -> tuple[str, ...]:
        return self._world.names

    @property
    def calibration(self) -> Mapping[str, Any]:
        """As its file would have it."""
        return to_values(self._calibration)

    def __enter__(self) -> Self:
        for camera in self.cameras.values():
            camera.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._arm.close()
        for camera in self.cameras.values():
            camera.close()
        self._world.close()

    def reset(self, seed: int, names: Sequence[str] | None = None, away: bool = False) -> None:
        """Power off, set the table up, power on, start the arm.

        Its servos are new ones: what an earlier start has stored in them would make this one a moment shorter.
        """
        self._arm.close()
        self._world.reset(seed, names, away)
        self._lockstep.emulator.renew()
        self._lockstep.restart()
        self._arm.connect()

    def judge(self, task: Task) -> Judge:
        return self._world.judge(task)

    def expert(self, task: Task, seed: int) -> Decides:
        return self._world.expert(task, seed)

    def picture(self) -> NDArray[Any]:
        return self._world.picture()

    def bump(self, name: str, seed: int) -> bool:
        return self._world.bump(name, seed)

    def tap_bus(self, listener: BusListener) -> None:
        """Pass all bytes of the bus to `listener`."""
        self._listener = listener

    def _open_bus(self) -> ServoBus:
        port = TappedPort(self._lockstep.open_port(self._config.baud), self._hear)
        return bus_on(port, self._config.protocol)

    def _hear(self, direction: str, data: bytes) -> None:
        if self._listener is not None:
            self._listener(direction, data)


def _require_port(port: str) -> None:
    """A port that is named and, where it is a file, there."""
    if not port:
        raise PortError(
            "no port given; name it with --port, or write it as `port` into the arm's file; "
            "robot-wm arm find lists the ports with servos on them"
        )
    if "://" not in port and not Path(port).exists():
        there = sorted(str(path) for path in Path(_BY_ID).glob("*")) if Path(_BY_ID).is_dir() else []
        raise PortError(
            f"there is no port {port!r}; is the cable in, is the arm's power on? Ports: {', '.join(there) or 'none'}"
        )
