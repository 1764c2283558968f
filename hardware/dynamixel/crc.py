"""CRC-16 of Dynamixel Protocol 2.0: polynomial 0x8005, initial value 0, not reflected, no final exclusive-or.

Source: ROBOTIS e-Manual, DYNAMIXEL Protocol 2.0, "CRC calculation".
"""

POLYNOMIAL = 0x8005


def _entry(byte: int) -> int:
    crc = byte << 8
    for _ in range(8):
        crc = (crc << 1) ^ POLYNOMIAL if crc & 0x8000 else crc << 1
    return crc & 0xFFFF


TABLE = tuple(_entry(byte) for byte in range(256))


def crc16(data: bytes, crc: int = 0) -> int:
    """Return the CRC of `data`; `crc` is the CRC of the bytes before it."""

    table = TABLE
    for byte in data:
        crc = ((crc & 0xFF) << 8) ^ table[(crc >> 8) ^ byte]
    return crc
