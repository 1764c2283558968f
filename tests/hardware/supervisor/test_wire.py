"""The wire: both sides authenticate, other processes are rejected, and malformed messages are refused."""

import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from hardware.supervisor.endpoint import Endpoint, connect_to, endpoint_of
from hardware.supervisor.server import ClientMessage, Server
from hardware.supervisor.wire import (
    OPERATOR,
    Channel,
    WireError,
    authenticate_client,
    authenticate_to_server,
    is_same_user,
    new_key,
)
from robot_wm.errors import DeviceError

Pair = tuple[Channel, Channel, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    left, right = socket.socketpair()
    with left, right:
        yield Channel(left), Channel(right), left


def test_messages_arrive_whole_and_in_order(pair: Pair) -> None:
    left, right, _ = pair
    for message in ({"a": 1}, {"q_rad": [0.1] * 500}, {}):
        left.send(message)
        assert right.receive() == message
    left.close()
    with pytest.raises(WireError, match="disconnected"):
        right.receive()
    right.close()


@pytest.mark.parametrize(
    "data",
    [b"\xff\xff\xff\xff", struct.pack(">I", 3) + b"{{{", struct.pack(">I", 2) + b"[]", struct.pack(">I", 1) + b"\xff"],
    ids=["too long", "no JSON", "no object", "no text"],
)
def test_what_is_no_message_is_refused(pair: Pair, data: bytes) -> None:
    _, right, raw = pair
    raw.sendall(data)
    with pytest.raises(WireError):
        right.receive()


def test_a_message_that_was_cut_short_is_gone_on_with(pair: Pair) -> None:
    _, right, raw = pair
    data = struct.pack(">I", 8) + b'{"a": 1}'
    raw.sendall(data[:7])
    right.set_timeouts(0.05, None)
    with pytest.raises(WireError, match="does not answer"):
        right.receive()
    raw.sendall(data[7:] + data)
    assert [right.receive(), right.receive()] == [{"a": 1}] * 2


def test_who_waits_for_ever_to_receive_does_not_to_send(pair: Pair) -> None:
    left, _, _ = pair
    left.set_timeouts(None, 0.05)

    def send_on() -> None:
        for _ in range(100_000):
            left.send({"do": "beat" * 100})

    with pytest.raises(WireError, match="cannot write to the other side"):
        send_on()


def test_who_takes_no_answers_gets_none_and_nobody_waits(pair: Pair) -> None:
    left, _, _ = pair

    def answer_on() -> None:
        for _ in range(100_000):
            left.answer({"state": "moving" * 10})

    with pytest.raises(WireError, match="accepts no answers"):
        answer_on()


def test_not_a_number_cannot_be_sent(pair: Pair) -> None:
    left, _, _ = pair
    with pytest.raises(ValueError, match="JSON compliant"):
        left.send({"q_rad": [float("nan")]})


@pytest.mark.parametrize("same_key", [True, False])
def test_both_sides_prove_to_know_the_key(pair: Pair, same_key: bool) -> None:
    client, server, _ = pair
    key = new_key()
    outcome: list[object] = []

    def listen() -> None:
        try:
            outcome.append(authenticate_client(server, key))
        except WireError as error:
            outcome.append(error)
            server.close()

    thread = threading.Thread(target=listen)
    thread.start()
    if same_key:
        authenticate_to_server(client, key, OPERATOR)
    else:
        with pytest.raises(WireError):
            authenticate_to_server(client, new_key(), OPERATOR)
    thread.join()
    assert (outcome == [OPERATOR]) is same_key


def test_a_server_that_does_not_know_the_key_is_found_out(pair: Pair) -> None:
    client, server, _ = pair

    def pretend() -> None:
        server.send({"challenge": "x"})
        server.receive()
        server.send({"proof": "0" * 64})

    thread = threading.Thread(target=pretend)
    thread.start()
    with pytest.raises(WireError, match="not our supervisor"):
        authenticate_to_server(client, new_key(), OPERATOR)
    thread.join()


def test_the_kernel_says_whose_process_is_at_the_other_end() -> None:
    left, right = socket.socketpair(socket.AF_UNIX)
    assert is_same_user(left) and is_same_user(right)
    left.close()
    right.close()


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[tuple[Endpoint, "SimpleQueue[ClientMessage]", list[str]]]:
    endpoint, inbox, said = Endpoint(tmp_path), SimpleQueue[ClientMessage](), list[str]()
    server = Server(endpoint, inbox, said.append)
    yield endpoint, inbox, said
    server.close()
    assert list(tmp_path.iterdir()) == []


def test_a_listener_hears_proved_clients_and_their_hanging_up(listening) -> None:
    endpoint, inbox, _ = listening
    assert endpoint.key.stat().st_mode & 0o777 == 0o600
    channel = connect_to(endpoint, OPERATOR)
    channel.send({"do": "status"})
    first = inbox.get(timeout=10)
    assert (first.role, first.message) == (OPERATOR, {"do": "status"})
    channel.close()
    assert inbox.get(timeout=10).message == {"do": "hung up"}


def test_a_listener_turns_away_who_does_not_know_the_key(listening) -> None:
    endpoint, inbox, said = listening
    raw = socket.socket(socket.AF_UNIX)
    raw.connect(str(endpoint.socket))
    channel = Channel(raw)
    channel.receive()
    channel.send({"role": "controller", "challenge": "x", "proof": "guess"})
    with pytest.raises(WireError):
        channel.receive()
    channel.close()
    assert inbox.empty()
    assert any("client rejected" in message for message in said)


def test_where_nobody_listens_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(WireError, match="no supervisor answers"):
        connect_to(Endpoint(tmp_path), OPERATOR)


def test_a_port_has_one_endpoint_by_whatever_name_and_only_its_user_may_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    device, link = tmp_path / "ttyACM0", tmp_path / "by-id"
    device.touch()
    link.symlink_to(device)
    endpoint = endpoint_of(str(link))
    assert endpoint == endpoint_of(str(device)) != endpoint_of(str(tmp_path / "ttyACM1"))
    assert endpoint.folder.stat().st_mode & 0o077 == 0
    endpoint.folder.chmod(0o755)
    with pytest.raises(DeviceError, match="chmod 700"):
        endpoint_of(str(device))
