"""One X-series servo on the bus: register access, side effects of writes, replies.

Knows frames and registers; motion is in `dynamixel_motion`, access rules in `dynamixel_rules`, dispatching in
`dynamixel_dispatch`.
"""

from hardware.dynamixel.tables import BAUD_BY_CODE, RAD_PER_TICK, RAD_S_PER_COUNT, WATCHDOG_TRIPPED, table_of
from hardware.emulator.dynamixel_frames import BAD_CRC, status
from hardware.emulator.dynamixel_motion import WAKE_ON_GOAL, DynamixelMotion
from hardware.emulator.dynamixel_rules import ACCESS, BAD_CHECK, FAILED, LENGTH, UNKNOWN, refusal
from hardware.emulator.frames import BROADCAST, Reply, Request
from hardware.emulator.memory import Memory
from hardware.emulator.models import ServoModel
from hardware.emulator.motors import MotorCommand, SensorReadings
from hardware.emulator.physics import TICK_S

PING, READ, WRITE, REG_WRITE, ACTION, RESET, REBOOT, CLEAR, BACKUP = 1, 2, 3, 4, 5, 6, 8, 0x10, 0x20
_CLEAR_KEY = b"\x01\x44\x58\x4c\x22"
_BACKUP_KEY = b"\x43\x54\x52\x4c"
_ALERT = 0x80
_WATCHDOG_UNIT_S = 0.020


class DynamixelServo:
    """Registers, rules and motion of one servo."""

    def __init__(self, servo: int, model: ServoModel) -> None:
        table = table_of(model.number)
        self.model = model
        self.memory = Memory(table, {"id": servo, "baud_code": 3, "return_delay": 0, **model.factory})
        self.motion = DynamixelMotion(self.memory, model.motor)
        self._indirect = _indirect_of(self.memory)
        self._waiting: tuple[int, bytes] | None = None  # a registered write
        self._backup: bytes | None = None
        self._quiet_s = 0.0  # since the last packet on the bus
        self._age_s = 0.0
        self.power_up(self.motion.readings)

    @property
    def id(self) -> int:
        return self.memory.get("id")

    @property
    def baud(self) -> int:
        return BAUD_BY_CODE[self.memory.get("baud_code") & 7]

    @property
    def torque_on(self) -> bool:
        return self.memory.get("torque_enable") == 1

    def power_up(self, readings: SensorReadings) -> None:
        """Reset the RAM, including gains; the EEPROM keeps its values."""
        self.memory.power_up()
        self._reset_goals_to_limits()
        if self.memory.get("startup_configuration") & 2 and self._backup is not None:
            self.memory.restore_ram(self._backup)
            self.memory.set("torque_enable", 0)
        if self.memory.get("startup_configuration") & 1:
            self.memory.set("torque_enable", 1)
        self.motion.power_up(readings)
        self._waiting = None
        self._quiet_s = self._age_s = 0.0

    def trip(self, bit: int) -> None:
        """Latch a hardware error."""
        self.motion.error |= bit

    def tick(self, readings: SensorReadings) -> MotorCommand:
        self._age_s += TICK_S
        self._watchdog()
        return self.motion.tick(readings)

    def note_traffic(self) -> None:
        """Reset the bus watchdog: a packet to any servo has passed."""
        self._quiet_s = 0.0

    def answer(self, request: Request) -> Reply | None:
        """Execute a request to this servo or to all, and return the reply if there is one."""
        to_all = request.servo == BROADCAST
        if request.instruction == PING:
            return self.reply(0, self.memory.read(0, 2) + self.memory.read(6, 1))
        if request.instruction == READ:
            return None if to_all else self._answer_read(request.params)
        secondary = not to_all and request.servo != self.id  # addressed by the secondary id: no reply
        error = self._execute(request.instruction, request.params, to_all, secondary)
        silent = to_all or secondary or self.memory.get("status_return_level") < 2
        return None if silent else self.reply(error, b"", request.servo)

    def answers_reads(self) -> bool:
        """Return whether the status return level allows replies to reads."""
        return self.memory.get("status_return_level") >= 1

    def read(self, address: int, length: int) -> tuple[int, bytes]:
        """Return error number and bytes of the table, with current sensor readings and indirect data resolved."""
        if length == 0 or address + length > self.memory.size:
            return (LENGTH if length == 0 else ACCESS), b""
        if all(self.memory.register_at(each) is None for each in range(address, address + length)):
            return ACCESS, b""
        self._refresh()
        return 0, b"".join(self.memory.read(self._resolve(each), 1) for each in range(address, address + length))

    def write(self, address: int, data: bytes) -> int:
        """Write bytes from the bus, all or nothing; return the error number, 0 if written."""
        targets = [self._resolve(address + offset) for offset in range(len(data))]
        for start, run in _runs(targets, data):
            error = refusal(self.memory, start, run, self.torque_on)
            if error:
                return error
        for start, run in _runs(targets, data):
            before = self.memory.get("operating_mode")
            for offset, value in enumerate(run):
                register = self.memory.register_at(start + offset)
                self.memory.write_byte(start + offset, value, register is not None and register.eeprom)
            self._apply_side_effects(start, start + len(run), before)
        return 0

    def alert(self, error: int) -> int:
        """Return the error byte: a number, and the alert bit while there is a hardware error."""
        return error | (_ALERT if self.motion.error else 0)

    def reply(self, error: int, params: bytes, as_id: int | None = None) -> Reply:
        """Return a status packet with the return delay."""
        servo = self.id if as_id is None else as_id
        return Reply(servo, status(servo, self.alert(error), params), self.wait_s)

    @property
    def wait_s(self) -> float:
        """Return delay, s."""
        return self.memory.get("return_delay") * 2e-6

    def _answer_read(self, params: bytes) -> Reply | None:
        if not self.answers_reads():
            return None
        if len(params) != 4:
            return self.reply(LENGTH, b"")
        return self.reply(*self.read(int.from_bytes(params[:2], "little"), int.from_bytes(params[2:], "little")))

    def _execute(self, instruction: int, params: bytes, to_all: bool, secondary: bool) -> int:
        """Execute an instruction other than ping and read; return the error number."""
        if instruction == WRITE:
            return self._write(params, secondary)
        if instruction == REG_WRITE:
            return self._register(params)
        if instruction == ACTION:
            return self._act()
        if instruction == RESET:
            return self._reset(params, to_all)
        if instruction == REBOOT:
            self.power_up(self.motion.readings)
            return 0
        if instruction == CLEAR:
            return self._clear(params)
        if instruction == BACKUP:
            return self._backup_ram(params)
        return BAD_CHECK if instruction == BAD_CRC else UNKNOWN

    def _write(self, params: bytes, secondary: bool) -> int:
        if len(params) < 3:
            return LENGTH
        address = int.from_bytes(params[:2], "little")
        return ACCESS if secondary and address < 64 else self.write(address, params[2:])

    def _register(self, params: bytes) -> int:
        if len(params) < 3:
            return LENGTH
        address = int.from_bytes(params[:2], "little")
        error = refusal(self.memory, address, params[2:], self.torque_on)
        if not error:
            self._waiting = address, params[2:]
        return error

    def _act(self) -> int:
        waiting, self._waiting = self._waiting, None
        return UNKNOWN if waiting is None else self.write(*waiting)

    def _reset(self, params: bytes, to_all: bool) -> int:
        """Reset to factory values; 01 keeps the id, 02 id and baud rate, FF nothing (not allowed as a broadcast)."""
        keep = {b"\xff": (), b"\x01": ("id",), b"\x02": ("id", "baud_code")}.get(params)
        if keep is None or (to_all and not keep):
            return FAILED
        kept = {name: self.memory.get(name) for name in keep}
        self.memory.restore_factory()
        for name, value in ({"id": 1, "baud_code": 1, "return_delay": 250} | kept).items():
            self.memory.store(name, value)
        self.power_up(self.motion.readings)
        return 0

    def _clear(self, params: bytes) -> int:
        if params != _CLEAR_KEY or self.motion.moving:
            return FAILED
        self.motion.forget_turns()
        return 0

    def _backup_ram(self, params: bytes) -> int:
        """Store the RAM, or restore it, with the torque off."""
        if params[1:] != _BACKUP_KEY or self.torque_on or params[:1] not in (b"\x01", b"\x02"):
            return FAILED
        if params[:1] == b"\x01":
            self._backup = self.memory.ram()
        elif self._backup is not None:
            self.memory.restore_ram(self._backup)
        return 0

    def _apply_side_effects(self, start: int, end: int, mode_before: int) -> None:
        """Apply the side effects of a write to [start, end)."""
        table = self.memory.table

        def touched(name: str) -> bool:
            return start <= table[name].address < end

        if touched("operating_mode"):
            self._change_mode(mode_before)
        if touched("torque_enable") and self.torque_on and self.memory.get("operating_mode") == 3:
            self.motion.forget_turns()
        if touched("goal_position") and self.memory.get("drive_mode") & WAKE_ON_GOAL:
            self.memory.set("torque_enable", 1)

    def _change_mode(self, before: int) -> None:
        """Reset gains and profiles to factory values, goal PWM and current to their limits."""
        for name, register in self.memory.table.items():
            if 76 <= register.address <= 90 or name in ("profile_acceleration", "profile_velocity"):
                self.memory.set(name, register.default)
        self._reset_goals_to_limits()
        if self.memory.get("operating_mode") == 3 != before:
            self.motion.forget_turns()

    def _reset_goals_to_limits(self) -> None:
        self.memory.set("goal_pwm", self.memory.get("pwm_limit"))
        if "goal_current" in self.memory.table:
            self.memory.set("goal_current", self.memory.get("current_limit"))

    def _watchdog(self) -> None:
        """Trip after a silence on the bus; the 330 size reports the trip but keeps turning."""
        self._quiet_s += TICK_S
        limit = self.memory.get("bus_watchdog")
        if limit > 0 and self.torque_on and self._quiet_s > limit * _WATCHDOG_UNIT_S:
            self.memory.set("bus_watchdog", WATCHDOG_TRIPPED)
            if self.model.watchdog_stops:
                self.memory.set("profile_acceleration", 0)
                self.memory.set("profile_velocity", 0)
                self.motion.halt()

    def _resolve(self, address: int) -> int:
        """Return the address that an indirect data address refers to; other addresses refer to themselves."""
        name = self._indirect.get(address)
        return address if name is None else self.memory.get(name)

    def _refresh(self) -> None:
        """Update the sensor registers."""
        readings, motion, put = self.motion.readings, self.motion, self.memory.set
        put("realtime_tick", int(self._age_s * 1000) % 32_768)
        put("moving", int(motion.moving))
        put("moving_status", int(not motion.running) | int(motion.running) << 1)
        put("present_pwm", round(readings.duty * 885))
        if "present_current" in self.memory.table:
            put("present_current", round(readings.current_a / self.memory.table["present_current"].scale))
        else:
            put("present_load", round(readings.duty * 1000))
        put("present_velocity", round(readings.speed_rad_s / RAD_S_PER_COUNT))
        put("present_position", motion.position())
        put("velocity_trajectory", round(motion.trajectory[1] * RAD_PER_TICK / RAD_S_PER_COUNT))
        put("position_trajectory", round(motion.trajectory[0]))
        put("present_voltage", round(readings.volts * 10))
        put("present_temperature", round(readings.temperature_c))
        put("backup_ready", int(self._backup is not None))
        put("registered_instruction", int(self._waiting is not None))
        put("status", motion.error)


def _indirect_of(memory: Memory) -> dict[int, str]:
    """Return address of indirect data -> name of the register with its target address."""
    table = memory.table
    pairs = {name: name.replace("indirect_data", "indirect_address") for name in table if "indirect_data" in name}
    return {table[data].address: address for data, address in pairs.items()}


def _runs(targets: list[int], data: bytes) -> list[tuple[int, bytes]]:
    """Group consecutive addresses with their bytes."""

    runs: list[tuple[int, bytes]] = []
    for target, value in zip(targets, data, strict=True):
        if runs and target == runs[-1][0] + len(runs[-1][1]):
            runs[-1] = runs[-1][0], runs[-1][1] + bytes([value])
        else:
            runs.append((target, bytes([value])))
    return runs
