"""A fingerprint of an observation, taken when it was seen, so that one that was edited later is recognised."""

import hashlib
import struct

import numpy as np

from robot_wm.types import ArmCommand, ArmState, Floats, Observation


def observation_digest(observation: Observation) -> str:
    """SHA-256, in hexadecimal, over every bit of an observation: pictures, stamps, state, command in force."""
    sha = hashlib.sha256()
    for name, frame in sorted(observation.frames.items()):
        sha.update(f"{name} {frame.rgb.shape} ".encode())
        sha.update(np.ascontiguousarray(frame.rgb).data)
        sha.update(struct.pack("<d", frame.stamp_s))
    sha.update(_state(observation.state))
    sha.update(_command(observation.sent))
    return sha.hexdigest()


def _state(state: ArmState) -> bytes:
    effort = b"" if state.effort is None else _bits(state.effort)
    return _bits(state.q_rad) + _bits(state.dq_rad_s) + effort + struct.pack("<2d", state.gripper, state.stamp_s)


def _command(command: ArmCommand) -> bytes:
    limited = " ".join(command.limited).encode()
    return _bits(command.q_rad) + struct.pack("<2d", command.gripper, command.stamp_s) + limited


def _bits(values: Floats) -> bytes:
    return np.asarray(values, dtype="<f8").tobytes()
