"""The bytes of one servo's control table: what is in force, and what outlives a power cycle. Knows no protocol."""

from collections.abc import Mapping

from hardware.bus import Register, Table


class Memory:
    """A control table with its factory values; `factory` overrides the table's defaults by register name."""

    def __init__(self, table: Table, factory: Mapping[str, int]) -> None:
        self.table = table
        self.size = max(max(end for _, end in table.readable), *(each.end for each in table.values()))
        self._factory = {each.name: each.default for each in table.values()} | dict(factory)
        self._at: list[Register | None] = [None] * self.size
        for register in table.values():
            self._at[register.address : register.end] = [register] * register.size
        self._eeprom = bytearray(self.size)
        self._live = bytearray(self.size)
        self.version = 0  # counts changes made from outside
        self.restore_factory()
        self.power_up()

    def restore_factory(self) -> None:
        """EEPROM as it left the factory."""
        for name, value in self._factory.items():
            register = self.table[name]
            self._eeprom[register.address : register.end] = register.encode(value)

    def power_up(self) -> None:
        """What is in force is the EEPROM and the RAM's factory values."""
        self._live = bytearray(self._eeprom)
        self.version += 1

    def get(self, name: str) -> int:
        """A register's value, sign decoded."""
        register = self.table[name]
        return register.decode(self._live[register.address : register.end])

    def set(self, name: str, value: int) -> None:
        """The firmware's own write: no access rule, clipped to what the bytes hold, not stored."""
        register = self.table[name]
        low, high = register.span
        self._live[register.address : register.end] = register.encode(min(max(value, low), high))

    def store(self, name: str, value: int) -> None:
        """The firmware's own write to EEPROM, in force at once."""
        self.set(name, value)
        register = self.table[name]
        self._eeprom[register.address : register.end] = self._live[register.address : register.end]
        self.version += 1

    def read(self, address: int, length: int) -> bytes:
        """Bytes in force; zeros beyond the table."""
        return bytes(self._live[address : address + length]).ljust(length, b"\0")

    def write_byte(self, address: int, value: int, keep: bool) -> None:
        """One byte from outside; `keep` stores it as well."""
        if address >= self.size:
            return
        self._live[address] = value
        if keep:
            self._eeprom[address] = value
        self.version += 1

    def register_at(self, address: int) -> Register | None:
        """The register that an address belongs to."""
        return self._at[address] if 0 <= address < self.size else None

    def ram(self) -> bytes:
        """Everything in force, for a backup."""
        return bytes(self._live)

    def restore_ram(self, backup: bytes) -> None:
        """RAM registers as in `backup`; EEPROM untouched."""
        for register in self.table.values():
            if not register.eeprom:
                self._live[register.address : register.end] = backup[register.address : register.end]
        self.version += 1
