"""A digest of an observation, computed when it is recorded, so that later changes are detected."""

import hashlib
import struct
from collections.abc import Mapping
from typing import final

import numpy as np

from robot_wm.types import ArmCommand, ArmState, Floats, Frame, Observation

_DOUBLE = np.dtype("<f8")


@final
class Digester:
    """Computes digests of consecutive observations; pictures shared with the previous one are not hashed again."""

    def __init__(self) -> None:
        self._frames: Mapping[str, Frame] = {}
        self._sha = _pictures(self._frames)

    def digest(self, observation: Observation) -> str:
        """Return the SHA-256 of an observation in hexadecimal: pictures, stamps, state and command in force."""
        if not _same(observation.frames, self._frames):
            self._frames, self._sha = observation.frames, _pictures(observation.frames)
        sha = self._sha.copy()
        sha.update(_state(observation.state))
        sha.update(_command(observation.sent))
        return sha.hexdigest()


def observation_digest(observation: Observation) -> str:
    """Return the digest of one observation, as `Digester.digest` does."""
    return Digester().digest(observation)


def _pictures(frames: Mapping[str, Frame]) -> "hashlib._Hash":
    sha = hashlib.sha256()
    for name, frame in sorted(frames.items()):
        sha.update(f"{name} {frame.rgb.shape} ".encode())
        sha.update(np.ascontiguousarray(frame.rgb).data)
        sha.update(struct.pack("<d", frame.stamp_s))
    return sha


def _same(frames: Mapping[str, Frame], others: Mapping[str, Frame]) -> bool:
    return frames.keys() == others.keys() and all(frame is others[name] for name, frame in frames.items())


def _state(state: ArmState) -> bytes:
    effort = b"" if state.effort is None else _bits(state.effort)
    return _bits(state.q_rad) + _bits(state.dq_rad_s) + effort + struct.pack("<2d", state.gripper, state.stamp_s)


def _command(command: ArmCommand) -> bytes:
    limited = " ".join(command.limited).encode()
    return _bits(command.q_rad) + struct.pack("<2d", command.gripper, command.stamp_s) + limited


def _bits(values: Floats) -> bytes:
    return np.asarray(values, dtype=_DOUBLE).tobytes()
