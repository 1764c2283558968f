"""Videos are whole or absent, can be read back, and show what they should."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from robot_wm.errors import ConfigError
from robot_wm.video.gif import Gif, make_gif
from robot_wm.video.mp4 import Mp4Writer, read_mp4
from robot_wm.video.page import Page


def pictures(count: int = 10) -> list[np.ndarray]:
    return [np.full((48, 64, 3), 20 * index, np.uint8) for index in range(count)]


def film(path: Path, count: int = 10) -> None:
    with Mp4Writer(path) as writer:
        for picture in pictures(count):
            writer.write(picture)


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    film(tmp_path / "a.mp4")
    read = list(read_mp4(tmp_path / "a.mp4"))
    assert len(read) == 10
    for written, got in zip(pictures(), read, strict=True):
        assert got.shape == (48, 64, 3)
        assert abs(float(got.mean()) - float(written.mean())) < 4.0
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_a_block_left_by_an_error_keeps_what_was_filmed(tmp_path: Path) -> None:

    def interrupted() -> None:
        with Mp4Writer(tmp_path / "a.mp4") as writer:
            writer.write(pictures()[3])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(list(read_mp4(tmp_path / "a.mp4"))) == 1


def test_nothing_filmed_writes_nothing(tmp_path: Path) -> None:
    with Mp4Writer(tmp_path / "a.mp4"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_killed_in_the_middle_leaves_no_file(tmp_path: Path) -> None:
    code = f"""
        import os, signal
        from pathlib import Path
        import numpy as np
        from robot_wm.video.mp4 import Mp4Writer
        with Mp4Writer(Path({str(tmp_path / "a.mp4")!r})) as writer:
            for index in range(50):
                writer.write(np.full((48, 64, 3), index, np.uint8))
            os.kill(os.getpid(), signal.SIGKILL)
    """
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], check=False, timeout=60, cwd=Path.cwd(), env=dict(os.environ)
    )
    assert ended.returncode == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"the name must end in \.mp4"):
        Mp4Writer(tmp_path / "a.avi")
    with pytest.raises(ConfigError, match="does not exist; create it first"):
        Mp4Writer(tmp_path / "none" / "a.mp4")


def test_a_gif_is_small_and_moves(tmp_path: Path) -> None:
    film(tmp_path / "a.mp4", 12)
    assert make_gif(Gif(tmp_path / "a.mp4", tmp_path / "a.gif", width=32, every=3)) == 4
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.size == (32, 24)
        assert getattr(gif, "n_frames", 1) == 4


def test_a_page_shows_each_part_in_its_place() -> None:
    red, green, blue = (np.full((8, 8, 3), colour, np.uint8) for colour in ([200, 0, 0], [0, 200, 0], [0, 0, 200]))
    page = Page("push it", "push the red cube left", "step 1", red, green, blue, [5.0, 4.0, float("nan"), 2.0]).draw()
    assert page.shape == (584, 1024, 3)
    assert tuple(page[300, 256]) == (200, 0, 0)
    assert tuple(page[200, 640]) == (0, 200, 0)
    assert tuple(page[200, 900]) == (0, 0, 200)
    assert page[:72].max() > 200  # words


def test_a_page_of_little_is_still_a_page() -> None:
    page = Page("x" * 400, "-", "", None, None, None, []).draw()
    assert page.shape == (584, 1024, 3)
