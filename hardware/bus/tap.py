"""A port that can be listened to: for logs of the raw bytes on a bus."""

from collections.abc import Callable

from hardware.bus.port import Port

Listener = Callable[[str, bytes], None]  # "sent" or "received", the bytes; returns at once


class TappedPort:
    """Implements `hardware.bus.port.Port` around another one."""

    def __init__(self, port: Port, listener: Listener) -> None:
        self._port, self._listener = port, listener

    @property
    def name(self) -> str:
        return self._port.name

    @property
    def baud(self) -> int:
        return self._port.baud

    @property
    def latency_s(self) -> float:
        return self._port.latency_s

    def now_s(self) -> float:
        return self._port.now_s()

    def write(self, data: bytes) -> None:
        self._listener("sent", data)
        self._port.write(data)

    def read_until(self, deadline_s: float) -> bytes:
        return self._heard(self._port.read_until(deadline_s))

    def reset_input(self) -> bytes:
        return self._heard(self._port.reset_input())

    def close(self) -> None:
        self._port.close()

    def _heard(self, data: bytes) -> bytes:
        if data:
            self._listener("received", data)
        return data
