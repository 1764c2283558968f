"""Files are whole or not there."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from robot_wm import files
from robot_wm.errors import ConfigError
from robot_wm.files import locked, require_writable, write_whole


def test_what_is_written_is_there_and_nothing_else(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", b"one")
    write_whole(tmp_path / "a", b"two")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"two"


def test_a_crash_leaves_what_was_there_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(tmp_path / "a", b"one")

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "a", b"two")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"one"


def test_places_that_cannot_be_written_are_told_why(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="it is a folder"):
        require_writable(tmp_path)
    with pytest.raises(ConfigError, match="does not exist; create it first"):
        require_writable(tmp_path / "none" / "a")


def test_a_link_goes_on_leading_to_its_file(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"one")
    (tmp_path / "a").symlink_to(tmp_path / "b")
    write_whole(tmp_path / "a", b"two")
    assert (tmp_path / "a").is_symlink() and (tmp_path / "b").read_bytes() == b"two"


def test_devices_and_pipes_stay_what_they_are(tmp_path: Path) -> None:
    write_whole(Path("/dev/null"), b"one")
    assert Path("/dev/null").is_char_device()
    os.mkfifo(tmp_path / "pipe")
    with ThreadPoolExecutor(1) as threads:
        read = threads.submit((tmp_path / "pipe").read_bytes)
        write_whole(tmp_path / "pipe", b"two")
        assert read.result() == b"two" and (tmp_path / "pipe").is_fifo()


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot write /dev/full: No space left on device; free disk space"):
        write_whole(Path("/dev/full"), b"one")


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    with (
        locked(tmp_path / "lock"),
        pytest.raises(ConfigError, match="somebody is at it"),
        locked(tmp_path / "lock", "somebody is at it"),
    ):
        pass
    with locked(tmp_path / "lock"):
        pass
