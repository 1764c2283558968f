"""Draw a page of labelled tiles, text and curves. Scalable, without font files."""

from collections.abc import Sequence
from functools import lru_cache
from math import isfinite
from typing import final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Picture = NDArray[np.uint8]  # (h, w, 3) RGB
Colour = tuple[int, int, int]

BACKGROUND: Colour = (18, 20, 24)
INK: Colour = (238, 238, 238)
FAINT: Colour = (128, 134, 142)
LINE: Colour = (255, 176, 60)
SECOND_LINE: Colour = (96, 176, 255)


@lru_cache(maxsize=8)
def font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own scalable font."""
    return ImageFont.load_default(size_px)


@final
class Canvas:
    """One page; positions and sizes in pixels from the top left."""

    def __init__(self, width: int, height: int) -> None:
        self._image = Image.new("RGB", (width, height), BACKGROUND)
        self._draw = ImageDraw.Draw(self._image)

    @property
    def picture(self) -> Picture:
        """The page as uint8 RGB (h, w, 3)."""
        return np.asarray(self._image)

    def text(self, x: int, y: int, words: str, size_px: int = 18, colour: Colour = INK, width: int = 10_000) -> None:
        """Draw one line, shortened with an ellipsis if it is wider than `width`."""
        self._draw.text((x, y), self._cut(words, size_px, width), fill=colour, font=font(size_px))

    def tile(self, x: int, y: int, size: int, picture: Picture | None, label: str) -> None:
        """Draw a picture scaled to `size` x `size` with its label on a dark strip; only an outline if it is None."""
        if picture is None:
            self._draw.rectangle((x, y, x + size - 1, y + size - 1), outline=FAINT)
        else:
            scaling = Image.Resampling.NEAREST if picture.shape[0] < size else Image.Resampling.LANCZOS
            self._image.paste(Image.fromarray(picture).resize((size, size), scaling), (x, y))
        self._draw.rectangle((x, y, x + size - 1, y + 23), fill=BACKGROUND)
        self.text(x + 6, y + 3, label, 15, width=size - 12)

    def curves(
        self, x: int, y: int, width: int, height: int, title: str, lines: Sequence[tuple[Sequence[float], Colour]]
    ) -> None:
        """Draw curves over their index on common axes that start at 0; non-finite values are left out."""
        self.text(x + 6, y + 3, title, 15, width=width - 12)
        left, top, right, bottom = x + 40, y + 34, x + width - 12, y + height - 14
        self._draw.line((left, top, left, bottom, right, bottom), fill=FAINT)
        highest = max((value for values, _ in lines for value in values if isfinite(value)), default=0.0) or 1.0
        longest = max((len(values) for values, _ in lines), default=0)
        self.text(x + 6, top - 6, f"{highest:.3g}", 13, FAINT)
        self.text(x + 6, bottom - 10, "0", 13, FAINT)
        for values, colour in lines:
            across = (right - left) / max(longest - 1, 1)
            up = (bottom - top) / highest
            points = [
                (left + across * index, bottom - up * max(value, 0.0))
                for index, value in enumerate(values)
                if isfinite(value)
            ]
            if len(points) > 1:
                self._draw.line(points, fill=colour, width=2, joint="curve")
            if points:
                px, py = points[-1]
                self._draw.ellipse((px - 4, py - 4, px + 4, py + 4), fill=colour)

    def _cut(self, words: str, size_px: int, width: int) -> str:
        if self._draw.textlength(words, font=font(size_px)) <= width:
            return words
        while words and self._draw.textlength(words + "…", font=font(size_px)) > width:
            words = words[:-1]
        return words + "…"
