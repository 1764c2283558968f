"""Laws of the wire: what arrives is what was sent, and a picture crosses once."""

import socket
from collections.abc import Iterator

import numpy as np
import pytest

from robot_wm.log.entries import LogLook, Stamp
from robot_wm.log.link import Inlet, dumped
from robot_wm.types import Frame, Observation
from tests.log.sessions import observation

Ends = tuple[socket.socket, Inlet]


@pytest.fixture
def ends() -> Iterator[Ends]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, Inlet(theirs)


def look(seen: Observation) -> LogLook:
    return LogLook(Stamp(0.0, 0.0, 0), "goal", seen, (), None, "")


def again(seen: Observation) -> Observation:
    """The same pictures as other objects, as a camera gives them that has taken no new one."""
    frames = {name: Frame(frame.rgb.copy(), frame.stamp_s) for name, frame in seen.frames.items()}
    return Observation(frames, seen.state, seen.sent)


def test_a_picture_crosses_once(ends: Ends) -> None:
    ours, inlet = ends
    first, shown, sizes, back = observation(np.random.default_rng(0), 0.0), dict[str, Frame](), list[int](), []
    for seen in (first, again(first), again(first)):
        data = dumped([look(seen)], shown)
        sizes.append(len(data))
        ours.sendall(data)
        back += inlet.receive()
    pictures = sum(frame.rgb.nbytes for frame in first.frames.values())
    assert sizes[1] == sizes[2] < sizes[0] - pictures
    for name, frame in first.frames.items():
        assert np.array_equal(back[0].observation.frames[name].rgb, frame.rgb)
        assert all(each.observation.frames[name] is back[0].observation.frames[name] for each in back)


def test_a_picture_that_differs_in_stamp_or_content_crosses(ends: Ends) -> None:
    ours, inlet = ends
    first = observation(np.random.default_rng(0), 0.0)
    wrist, other = first.frames["wrist"], first.frames["overview"]
    changed = wrist.rgb.copy()
    changed[0, 0, 0] ^= 1
    shown = dict[str, Frame]()
    for wanted in (wrist, Frame(changed, wrist.stamp_s), Frame(wrist.rgb, 7.0), Frame(wrist.rgb[:8], 7.0)):
        ours.sendall(dumped([look(Observation({"wrist": wanted, "overview": other}, first.state, first.sent))], shown))
        frame = inlet.receive()[0].observation.frames["wrist"]
        assert frame.stamp_s == wanted.stamp_s and np.array_equal(frame.rgb, wanted.rgb)


def test_a_closed_end_is_told_from_a_word(ends: Ends) -> None:
    ours, inlet = ends
    ours.sendall(dumped(None, {}))
    ours.sendall(dumped([look(observation(np.random.default_rng(0), 0.0))], {})[:-9])
    ours.close()
    assert inlet.receive() is None
    assert inlet.receive() is Inlet.GONE
    assert inlet.receive() is Inlet.GONE


@pytest.mark.parametrize(
    "array", [np.zeros(0), np.array([0.1, -0.0, np.nan, -np.inf]), np.eye(2), np.array([0.1], np.float32)]
)
def test_an_array_crosses_bit_by_bit(ends: Ends, array: np.ndarray) -> None:
    ours, inlet = ends
    seen = observation(np.random.default_rng(0), 0.0)
    ours.sendall(dumped([LogLook(Stamp(0.0, 0.0, 0), "goal", seen, (), array, "")], {}))
    back = inlet.receive()[0].simulator
    assert (back.dtype, back.shape, back.tobytes()) == (array.dtype, array.shape, array.tobytes())
