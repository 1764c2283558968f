"""Fast lossless PNG: each row as its difference from the one above, uncompressed.

The log's chunks are compressed by zstd, which packs these rows tighter than deflate does, in a tenth of the time.
"""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_RGB8 = (8, 2, 0, 0, 0)  # bits, colour type, compression, filter method, no interlace
_UP = 2  # the filter of a row that holds differences from the row above
_ZLIB = b"\x78\x01"
_BLOCK = 0xFFFF  # bytes that deflate stores at once


def png(rgb: NDArray[np.uint8]) -> bytes:
    """A picture (h, w, 3) as PNG; many times as quick as OpenCV's, which deflates."""
    height, width, _ = rgb.shape
    rows = np.empty((height, 1 + 3 * width), dtype=np.uint8)
    rows[:, 0] = _UP
    flat = rgb.reshape(height, -1)
    rows[0, 1:] = flat[0]
    np.subtract(flat[1:], flat[:-1], out=rows[1:, 1:])  # modulo 256, as PNG wants it
    head = struct.pack(">IIBBBBB", width, height, *_RGB8)
    packed = _stored(rows.tobytes())
    return b"".join([_SIGNATURE, *_chunk(b"IHDR", head), *_chunk(b"IDAT", packed), *_chunk(b"IEND", b"")])


def _stored(data: bytes) -> bytes:
    """A zlib stream that packs nothing; `zlib.compress` clears a quarter of a megabyte each time, even for that."""
    parts = [_ZLIB]
    for start in range(0, len(data), _BLOCK):
        block = data[start : start + _BLOCK]
        last = start + _BLOCK >= len(data)
        parts += struct.pack("<BHH", last, len(block), len(block) ^ _BLOCK), block
    return b"".join([*parts, struct.pack(">I", zlib.adler32(data))])


def _chunk(kind: bytes, content: bytes) -> tuple[bytes, ...]:
    crc = zlib.crc32(content, zlib.crc32(kind))
    return struct.pack(">I", len(content)), kind, content, struct.pack(">I", crc)
