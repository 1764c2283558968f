"""What both protocols' parsers return: the frames found in a run of bytes, and what was no frame."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Frame:
    """One status frame whose checksum is right."""

    servo: int
    error: int  # the error byte, uninterpreted
    data: bytes
    raw: bytes  # as it came over the line


@dataclass(frozen=True)
class Found:
    """The frames at the front of a buffer; `taken` bytes may be dropped from it, the rest is an unfinished frame."""

    frames: tuple[Frame, ...]
    taken: int
    noise: int  # of `taken`, bytes that belong to no good frame
    bad_checksums: int
