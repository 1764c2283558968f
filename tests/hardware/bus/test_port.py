"""A real port: pseudo-terminals, sockets, what is wrong at opening, and a cable drawn while in use."""

import socket
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial
from serial.rfc2217 import PortManager

from hardware.bus.errors import BusLostError, PortError
from hardware.bus.port import SerialPort, latency_timer_s
from hardware.buses import bus_on, open_bus
from robot_wm.errors import UnknownNameError
from tests.hardware.scripted import Delayed, PtyPeer, Servos

FAR_S = 5.0  # a deadline that is not reached when all is well


def echo(request: bytes) -> list[Delayed]:
    return [(0.0, request)]


@pytest.fixture
def peer() -> Iterator[PtyPeer]:
    with PtyPeer(echo) as peer:
        yield peer


def test_bytes_go_out_and_come_in_unchanged(peer: PtyPeer) -> None:
    port = SerialPort(peer.path, 1_000_000)
    everything = bytes(range(256))  # control characters included: the line is raw
    port.write(everything)
    heard = b""
    while len(heard) < 256 and (more := port.read_until(port.now_s() + FAR_S)):
        heard += more
    assert heard == everything
    port.close()
    port.close()


def test_nothing_comes_at_the_deadline(peer: PtyPeer) -> None:
    port = SerialPort(peer.path, 1_000_000)
    before_s = port.now_s()
    assert port.read_until(before_s + 0.02) == b""
    assert port.now_s() >= before_s + 0.02
    assert port.read_until(before_s) == b""
    port.close()


def test_old_input_is_taken_away(peer: PtyPeer) -> None:
    port = SerialPort(peer.path, 1_000_000)
    assert port.reset_input() == b""
    port.write(b"old")
    deadline_s = time.monotonic() + FAR_S
    taken = b""
    while taken != b"old" and time.monotonic() < deadline_s:
        taken += port.reset_input()
    assert taken == b"old"
    assert port.read_until(port.now_s() + 0.01) == b""
    port.close()


@pytest.mark.parametrize("baud", [57_600, 128_000, 1_000_000, 4_500_000])
def test_any_baud_of_the_tables_opens(peer: PtyPeer, baud: int) -> None:
    port = SerialPort(peer.path, baud)
    assert port.baud == baud
    port.close()


def test_a_drawn_cable_is_a_named_error_from_every_call(peer: PtyPeer) -> None:
    port = SerialPort(peer.path, 1_000_000)
    peer.unplug()
    for call in (lambda: port.write(b"x"), port.reset_input, lambda: port.read_until(port.now_s() + FAR_S)):
        with pytest.raises(BusLostError, match=r"is lost .*: plug it in again, check that the arm is safe"):
            call()
    port.close()
    with pytest.raises(BusLostError):
        port.write(b"x")


def test_a_cable_drawn_while_waiting_ends_the_wait(peer: PtyPeer) -> None:
    port = SerialPort(peer.path, 1_000_000)
    threading.Timer(0.05, peer.unplug).start()
    with pytest.raises(BusLostError):
        port.read_until(port.now_s() + FAR_S)
    port.close()


def test_a_bus_on_a_drawn_cable_says_so_for_good() -> None:
    servos = Servos("feetech", (1,))
    with PtyPeer(lambda request: [(0.0, reply) for reply in servos.answers(request)]) as peer:
        bus = open_bus(peer.path, "feetech")
        assert bus.read(1, "present_position") == 0
        peer.unplug()
        for _ in range(3):
            with pytest.raises(BusLostError):
                bus.sync_read("present_position", (1,))
        assert bus.lost
        assert bus.counters.consistent()
        bus.close()


def test_a_port_has_one_owner(peer: PtyPeer) -> None:
    port = SerialPort(peer.path, 1_000_000)
    with pytest.raises(PortError, match=r"cannot open port .*another process has it"):
        SerialPort(peer.path, 1_000_000)
    port.close()
    SerialPort(peer.path, 1_000_000).close()


def test_a_missing_port_is_told_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(PortError, match=r"no such port; is the cable plugged in\? `robot-wm arm find`"):
        SerialPort(str(tmp_path / "ttyACM0"), 1_000_000)


def test_a_file_is_no_port(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PortError, match="a path such as /dev/serial/by-id"):
        SerialPort(str(tmp_path / "file"), 1_000_000)
    with pytest.raises(PortError, match="a path such as /dev/serial/by-id"):
        SerialPort("nonsense://here", 1_000_000)


def test_a_forbidden_port_is_told_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> None:  # tests may run as root, to whom nothing is forbidden
        raise serial.SerialException(13, "could not open port: [Errno 13] Permission denied")

    monkeypatch.setattr(serial, "serial_for_url", forbidden)
    with pytest.raises(PortError, match="usermod -aG dialout"):
        SerialPort("/dev/ttyACM0", 1_000_000)


def test_a_link_by_id_is_a_port(peer: PtyPeer, tmp_path: Path) -> None:
    link = tmp_path / "usb-1a86_USB_Single_Serial_5A46-if00"
    link.symlink_to(peer.path)
    assert stat.S_ISCHR(link.stat().st_mode)
    port = SerialPort(str(link), 1_000_000)
    port.write(b"x")
    assert port.read_until(port.now_s() + FAR_S) == b"x"
    port.close()


def test_a_socket_is_a_port() -> None:
    servos = Servos("feetech", (1, 2))
    servos.put(2, 56, 1234, 2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_serve, args=(server, servos), daemon=True)
        thread.start()
        with open_bus(f"socket://127.0.0.1:{server.getsockname()[1]}", "feetech") as bus:
            assert bus.read(2, "present_position") == 1234
            assert bus.sync_read("present_position", (1, 2)) == {1: 0, 2: 1234}
        thread.join(FAR_S)


def _serve(server: socket.socket, servos: Servos) -> None:
    client, _ = server.accept()
    with client:
        while request := client.recv(4096):
            client.sendall(b"".join(servos.answers(request)))


def test_a_socket_whose_server_leaves_is_lost() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        bus = open_bus(f"socket://127.0.0.1:{server.getsockname()[1]}", "feetech")
        server.accept()[0].close()
        with pytest.raises(BusLostError):
            bus.read(1, "present_position")
        assert bus.lost
        bus.close()


def test_a_port_without_a_descriptor_is_asked_again_and_again() -> None:
    port = SerialPort("loop://", 1_000_000)  # stands for rfc2217, which reads in a thread of its own too
    assert port.read_until(port.now_s() + 0.01) == b""
    port.write(b"abc")
    assert port.read_until(port.now_s() + FAR_S) == b"abc"
    port.close()
    with pytest.raises(BusLostError):
        port.read_until(port.now_s() + 0.01)


@pytest.mark.filterwarnings("ignore:set:DeprecationWarning")  # setDaemon, setName: pyserial 3.5 itself
def test_a_port_behind_rfc2217() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_serve_rfc2217, args=(server,), daemon=True)
        thread.start()
        port = SerialPort(f"rfc2217://127.0.0.1:{server.getsockname()[1]}", 1_000_000)
        port.write(b"\xff\xff\x01")  # 255 is the protocol's own escape
        heard = b""
        while len(heard) < 3 and (more := port.read_until(port.now_s() + FAR_S)):
            heard += more
        assert heard == b"\xff\xff\x01"
        port.close()
        thread.join(FAR_S)


def _serve_rfc2217(server: socket.socket) -> None:
    """A served port that sends everything back."""
    client, _ = server.accept()
    with client, serial.serial_for_url("loop://", timeout=0) as served:
        manager = PortManager(served, _Sender(client))  # pyright: ignore[reportArgumentType]  # annotated too narrowly
        while request := client.recv(4096):
            served.write(b"".join(manager.filter(request)))
            client.sendall(b"".join(manager.escape(served.read(4096))))


class _Sender:
    """What a PortManager answers through."""

    def __init__(self, client: socket.socket) -> None:
        self.write = client.sendall


def test_an_unknown_protocol_is_told_before_the_port_is_touched(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="known: dynamixel, feetech"):
        open_bus(str(tmp_path / "none"), "fetech")


def test_latency_timer(tmp_path: Path, peer: PtyPeer) -> None:
    assert latency_timer_s(peer.path) == 0.0  # a terminal holds nothing back
    assert latency_timer_s("socket://somewhere:7") == 0.0


def test_a_bus_takes_any_port(peer: PtyPeer) -> None:
    bus = bus_on(SerialPort(peer.path, 57_600), "dynamixel")
    assert bus.protocol == "dynamixel"
    bus.close()
