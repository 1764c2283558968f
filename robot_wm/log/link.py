"""The wire between a recorder and the process that writes its file: length-prefixed pickles over a socket pair.

Both ends are this package's own, started by one another; nobody else can reach the socket.
"""

import io
import json
import pickle
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, final

from robot_wm.log.entries import Entry, LogHeader

LENGTH = struct.Struct("<Q")
CLOSE_TIMEOUT_S = 120.0
_SOCKET_BYTES = 1 << 20


@dataclass(frozen=True)
class Setup:
    """What the writing process has to know first."""

    path: Path
    header: LogHeader
    attachments: Mapping[str, bytes]


@final
class Link:
    """The recorder's end. `troubled` is called once, from a thread, where the writing process fails."""

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
        self._done: dict[str, Any] = {}
        self.fault = ""
        self._lock = threading.Lock()
        self._listener = threading.Thread(target=self._listen, name="recorder-answers", daemon=True)
        self._listener.start()
        self.send(setup)

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, what: Setup | Entry | None) -> None:
        """Pass on one thing; None is the end. After a fault, nothing is sent."""
        if self.fault:
            return
        try:
            data = _dumped(what)
            self._socket.sendall(LENGTH.pack(len(data)))
            self._socket.sendall(data)
        except OSError as error:
            self._fail(f"the process that writes it is gone ({error.strerror})")
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            self._fail(f"something cannot be recorded: {error}")

    def finish(self) -> tuple[int, int]:
        """Wait until the file is closed; its messages and bytes."""
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
        """End the other process, which takes too long; what it has not written is lost."""
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


class _Pickler(pickle.Pickler):
    dispatch_table = {MappingProxyType: lambda mapping: (_proxy, (dict(mapping),))}  # noqa: RUF012


def _proxy(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(mapping)


def _dumped(what: object) -> bytes:
    buffer = io.BytesIO()
    _Pickler(buffer, protocol=pickle.HIGHEST_PROTOCOL).dump(what)
    return buffer.getvalue()
