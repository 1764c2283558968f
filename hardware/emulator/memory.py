"""Bytes of one servo's control table: the active values and the EEPROM. Knows no protocol."""

from collections.abc import Mapping

from hardware.bus import Register, Table


class Memory:
    """A control table with values; `factory` overrides the table's defaults by register name."""

    def __init__(self, table: Table, factory: Mapping[str, int]) -> None:
        self.table = table
        self.size = max(max(end for _, end in table.readable), *(each.end for each in table.values()))
        self._factory = {each.name: each.default for each in table.values()} | dict(factory)
        self._at: list[Register | None] = [None] * self.size
        for register in table.values():
            self._at[register.address : register.end] = [register] * register.size
        self._eeprom = bytearray(self.size)
        self._live = bytearray(self.size)
        self.version = 0  # number of changes from the bus
        self.restore_factory()
        self.power_up()

    def restore_factory(self) -> None:
        """Reset the EEPROM to factory values."""
        for name, value in self._factory.items():
            register = self.table[name]
            self._eeprom[register.address : register.end] = register.encode(value)

    def power_up(self) -> None:
        """Load the active values from the EEPROM and the RAM's defaults."""
        self._live = bytearray(self._eeprom)
        self.version += 1

    def get(self, name: str) -> int:
        """Return a register's active value, sign decoded."""
        register = self.table[name]
        return register.decode(self._live[register.address : register.end])

    def set(self, name: str, value: int) -> None:
        """Write an active value as the firmware: no access rules, clipped to the register's span, not stored."""
        register = self.table[name]
        low, high = register.span
        self._live[register.address : register.end] = register.encode(min(max(value, low), high))

    def store(self, name: str, value: int) -> None:
        """Write an EEPROM value as the firmware; active at once."""
        self.set(name, value)
        register = self.table[name]
        self._eeprom[register.address : register.end] = self._live[register.address : register.end]
        self.version += 1

    def read(self, address: int, length: int) -> bytes:
        """Return active bytes; zeros beyond the table."""
        return bytes(self._live[address : address + length]).ljust(length, b"\0")

    def write_byte(self, address: int, value: int, keep: bool) -> None:
        """Write one byte from the bus; `keep` also stores it in the EEPROM."""
        if address >= self.size:
            return
        self._live[address] = value
        if keep:
            self._eeprom[address] = value
        self.version += 1

    def register_at(self, address: int) -> Register | None:
        """Return the register that an address belongs to."""
        return self._at[address] if 0 <= address < self.size else None

    def ram(self) -> bytes:
        """Return all active bytes, for a backup."""
        return bytes(self._live)

    def restore_ram(self, backup: bytes) -> None:
        """Restore the RAM registers from `backup`."""

        for register in self.table.values():
            if not register.eeprom:
                self._live[register.address : register.end] = backup[register.address : register.end]
        self.version += 1
