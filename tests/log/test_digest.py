"""Laws of the fingerprint: it follows from the observation alone, and from every bit of it."""

import hashlib
import struct
from dataclasses import replace

import numpy as np

from robot_wm.log.digest import Digester, observation_digest
from robot_wm.types import Frame, Observation
from tests.log.sessions import observation


def by_hand(seen: Observation) -> str:
    """The definition; logs that are older than this test hold it."""
    sha = hashlib.sha256()
    for name, frame in sorted(seen.frames.items()):
        sha.update(f"{name} {frame.rgb.shape} ".encode() + frame.rgb.tobytes() + struct.pack("<d", frame.stamp_s))
    state, sent = seen.state, seen.sent
    effort = b"" if state.effort is None else state.effort.tobytes()
    sha.update(state.q_rad.tobytes() + state.dq_rad_s.tobytes() + effort)
    sha.update(struct.pack("<2d", state.gripper, state.stamp_s) + sent.q_rad.tobytes())
    sha.update(struct.pack("<2d", sent.gripper, sent.stamp_s) + " ".join(sent.limited).encode())
    return sha.hexdigest()


def test_what_came_before_changes_nothing() -> None:
    rng, digester = np.random.default_rng(0), Digester()
    first, second = observation(rng, 0.0), observation(rng, 0.1)
    one_new = replace(second, frames=dict(first.frames) | {"wrist": second.frames["wrist"]})
    for seen in (first, replace(second, frames=first.frames), one_new, second, first, replace(first, frames={})):
        assert digester.digest(seen) == observation_digest(seen) == by_hand(seen)


def test_every_picture_and_stamp_counts() -> None:
    seen = observation(np.random.default_rng(0), 0.0)
    frame, digester = seen.frames["wrist"], Digester()
    flipped = frame.rgb.copy()
    flipped[-1, -1, -1] ^= 1
    others = [Frame(flipped, frame.stamp_s), Frame(frame.rgb, 7.0), Frame(frame.rgb.reshape(8, 32, 3), frame.stamp_s)]
    found = {digester.digest(replace(seen, frames=dict(seen.frames) | {"wrist": each})) for each in (frame, *others)}
    assert len(found) == 4
