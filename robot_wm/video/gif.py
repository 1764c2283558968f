"""A small GIF of a video, for a README: `python -m robot_wm.video.gif IN.mp4 OUT.gif`."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from robot_wm.files import write_whole
from robot_wm.video.mp4 import read_mp4


@dataclass(frozen=True)
class Gif:
    """Turn a video into a small GIF."""

    video: Path
    gif: Path
    width: int = 640  # pixels
    every: int = 2  # keep one frame in this many
    rate_hz: float = 8.0  # pictures a second when played
    colours: int = 96


def make_gif(settings: Gif) -> int:
    """Write the GIF; returns its number of pictures."""
    kept = [
        Image.fromarray(each) for number, each in enumerate(read_mp4(settings.video)) if number % settings.every == 0
    ]
    size = (settings.width, round(kept[0].height * settings.width / kept[0].width))
    small = [each.resize(size, Image.Resampling.LANCZOS) for each in kept]
    palette = _side_by_side(small[:: max(1, len(small) // 6)]).quantize(settings.colours)
    pages = [each.quantize(palette=palette, dither=Image.Dither.NONE) for each in small]
    memory = io.BytesIO()
    wait_ms = round(1000 / settings.rate_hz)
    pages[0].save(memory, "GIF", save_all=True, append_images=pages[1:], duration=wait_ms, loop=0, optimize=True)
    write_whole(settings.gif, memory.getvalue())
    return len(pages)


def _side_by_side(pages: Sequence[Image.Image]) -> Image.Image:
    """All pages in one picture, so that one palette serves them all."""
    width, height = pages[0].size
    sheet = Image.new("RGB", (width * len(pages), height))
    for number, page in enumerate(pages):
        sheet.paste(page, (number * width, 0))
    return sheet


if __name__ == "__main__":
    import tyro

    make_gif(tyro.cli(tyro.conf.Positional[Gif]))
