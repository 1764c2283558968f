"""A small GIF of a video, for a README: `python -m robot_wm.video.gif IN.mp4 OUT.gif`."""

import io
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
    kept = [Image.fromarray(each) for number, each in enumerate(read_mp4(settings.video)) if number % settings.every == 0]
    size = (settings.width, round(kept[0].height * settings.width / kept[0].width))
    small = [each.resize(size, Image.Resampling.LANCZOS) for each in kept]
    palette = small[len(small) // 2].quantize(settings.colours)
    pages = [each.quantize(palette=palette, dither=Image.Dither.NONE) for each in small]
    memory = io.BytesIO()
    wait_ms = round(1000 / settings.rate_hz)
    pages[0].save(memory, "GIF", save_all=True, append_images=pages[1:], duration=wait_ms, loop=0, optimize=True)
    write_whole(settings.gif, memory.getvalue())
    return len(pages)


if __name__ == "__main__":
    import tyro

    make_gif(tyro.cli(tyro.conf.Positional[Gif]))
