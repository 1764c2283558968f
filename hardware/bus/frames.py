"""Result of parsing a run of bytes, for both protocols: status frames, and bytes that are none."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Frame:
    """One status frame with a correct checksum."""

    servo: int
    error: int  # the error byte as received
    data: bytes
    raw: bytes  # the complete frame


@dataclass(frozen=True)
class ScanResult:
    """Frames at the front of a buffer."""

    frames: tuple[Frame, ...]
    consumed: int  # bytes to drop from the buffer; the rest is an unfinished frame
    noise: int  # bytes of `consumed` that belong to no valid frame
    bad_checksums: int
