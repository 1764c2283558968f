"""The connection between a recorder and the process that writes its file: pickles over a socket pair.

A picture is sent once: if it equals the camera's previous one, it is left out and restored at the other end. Both ends
belong to this package, one starts the other, and no other process can reach the socket.
"""

import io
import json
import pickle
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from robot_wm.log.entries import Entry, LogHeader
from robot_wm.types import ArmCommand, ArmState, Frame, Observation

CLOSE_TIMEOUT_S = 120.0
_SOCKET_BYTES = 1 << 20
_LENGTH = struct.Struct("<Q")  # goes before each pickle


@dataclass(frozen=True)
class Setup:
    """The first message to the writing process."""

    path: Path
    header: LogHeader
    attachments: Mapping[str, bytes]


@final
class Link:
    """The recorder's end. `troubled` is called once, from a thread, if the writing process fails."""

    def __init__(self, setup: Setup, troubled: Callable[[str], None]) -> None:
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BYTES)
        command = [sys.executable, "-P", "-m", "robot_wm.log.writer", str(theirs.fileno())]
        # a session of its own: Ctrl-C at the terminal is for the loop, which then closes the log
        self._process = subprocess.Popen(
            command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True
        )
        theirs.close()
        self._socket, self._troubled = ours, troubled
        self._last: dict[str, Frame] = {}  # by camera: the picture sent last
        self._done: dict[str, Any] = {}
        self.fault = ""
        self._lock = threading.Lock()
        self._listener = threading.Thread(target=self._listen, name="recorder-answers", daemon=True)
        self._listener.start()
        self.send(setup)

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, what: Setup | Sequence[Entry] | None) -> None:
        """Send the setup, entries, or None for the end. After a fault, nothing is sent."""
        if self.fault:
            return
        try:
            self._socket.sendall(dumped(what, self._last))
        except OSError as error:
            self._fail(f"the process that writes it is gone ({error.strerror})")
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            self._fail(f"something cannot be recorded: {error}")

    def finish(self) -> tuple[int, int]:
        """Wait until the file is closed; return its numbers of messages and bytes."""
        self.send(None)
        with suppress(OSError):  # after a fault nothing is sent: the closed end says that there is no more
            self._socket.shutdown(socket.SHUT_WR)
        self._listener.join(CLOSE_TIMEOUT_S)
        if self._listener.is_alive():
            self.give_up()
        self._process.wait()
        self._socket.close()
        return int(self._done.get("messages", 0)), int(self._done.get("bytes", 0))

    def give_up(self) -> None:
        """Kill the writing process, which takes too long; what it has not written is lost."""
        self._fail(f"it could not be closed within {CLOSE_TIMEOUT_S:g} s")
        self._process.kill()

    def _listen(self) -> None:
        """The answers of the other process, a JSON object a line."""
        with self._socket.makefile("rb") as answers:
            for line in _lines(answers):
                answer = json.loads(line)
                if "fault" in answer:
                    self._fail(answer["fault"])
                if "messages" in answer:
                    self._done = answer
                    return
        self._fail("the process that writes it ended without an answer")

    def _fail(self, words: str) -> None:
        with self._lock:
            first, self.fault = not self.fault, self.fault or words
        if first:
            self._troubled(words)


def _lines(answers: io.BufferedReader) -> list[bytes] | Any:
    try:
        yield from answers
    except OSError:  # a reset connection is an end, too
        return


@final
class Inlet:
    """The writing process's end."""

    GONE = object()  # received if the other process closed its end without announcing it

    def __init__(self, theirs: socket.socket) -> None:
        self._socket = theirs
        self._last: dict[str, Frame] = {}

    def receive(self) -> Any:
        """Return the next message, or GONE."""
        try:
            (length,) = _LENGTH.unpack(self._bytes(_LENGTH.size))
            return _Unpickler(io.BytesIO(self._bytes(length)), self._last).load()
        except (EOFError, ConnectionError, pickle.UnpicklingError):
            return self.GONE

    def _bytes(self, count: int) -> bytes:
        """As many bytes, in one call where nothing disturbs it. Raises EOFError where fewer come."""
        parts = list[bytes]()
        while count:
            parts.append(self._socket.recv(count, socket.MSG_WAITALL))
            if not parts[-1]:
                raise EOFError
            count -= len(parts[-1])
        return b"".join(parts)  # a single part is not copied

    def answer(self, **values: Any) -> None:
        """Send an answer to the recorder."""
        with suppress(OSError):  # the recorder may be gone
            self._socket.sendall(json.dumps(values).encode() + b"\n")


def dumped(what: object, last_frames: dict[str, Frame]) -> memoryview:
    """Return a pickle of `what` after its length, without the pictures in `last_frames`, which is updated."""
    buffer = io.BytesIO()
    buffer.write(bytes(_LENGTH.size))
    pickler = pickle.Pickler(buffer, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = {Observation: partial(_news, last_frames), np.ndarray: _array}
    pickler.dump(what)
    data = buffer.getbuffer()
    _LENGTH.pack_into(data, 0, len(data) - _LENGTH.size)
    return data


def _news(last_frames: dict[str, Frame], seen: Observation) -> tuple[Any, ...]:
    new = {name: None if _alike(frame, last_frames.get(name)) else frame for name, frame in seen.frames.items()}
    last_frames.update(seen.frames)
    return _complete, (new, seen.state, seen.sent)


def _array(array: NDArray[Any]) -> Any:
    """The bare bytes of a row of doubles, of which a tick has many: numpy's own way takes several times as long."""
    if array.dtype == np.float64 and array.ndim == 1 and array.size:
        return np.frombuffer, (array.tobytes(),)
    return array.__reduce_ex__(pickle.HIGHEST_PROTOCOL)


class _Unpickler(pickle.Unpickler):
    """Puts back the pictures that `dumped` left out."""

    def __init__(self, file: io.BytesIO, last_frames: dict[str, Frame]) -> None:
        super().__init__(file)
        self._last = last_frames

    def find_class(self, module_name: str, global_name: str) -> Any:
        found = super().find_class(module_name, global_name)
        return partial(found, last_frames=self._last) if found is _complete else found


def _complete(
    new: Mapping[str, Frame | None], state: ArmState, sent: ArmCommand, *, last_frames: dict[str, Frame]
) -> Observation:
    frames = {name: frame or last_frames[name] for name, frame in new.items()}
    last_frames.update(frames)
    return Observation(frames, state, sent)


def _alike(frame: Frame, last: Frame | None) -> bool:
    if last is None or frame.stamp_s != last.stamp_s:
        return False
    return frame.rgb is last.rgb or np.array_equal(frame.rgb, last.rgb)
