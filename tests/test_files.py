"""Files are whole or not there."""

from pathlib import Path

import pytest

from robot_wm import files
from robot_wm.errors import ConfigError
from robot_wm.files import require_writable, write_whole


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
