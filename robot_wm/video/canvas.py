"""Drawing on a page: tiles with labels, lines of text, curves. Crisp at any size, no font files needed."""

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
    """One page, drawn on from the top left; all places and sizes in pixels."""

    def __init__(self, width: int, height: int) -> None:
        self._image = Image.new("RGB", (width, height), BACKGROUND)
        self._draw = ImageDraw.Draw(self._image)

    @property
    def picture(self) -> Picture:
        """The page as uint8 RGB (h, w, 3)."""
        return np.asarray(self._image)

    def text(self, x: int, y: int, words: str, size_px: int = 18, colour: Colour = INK, width: int = 10_000) -> None:
        """One line, cut with an ellipsis where it is wider than `width`."""
        self._draw.text((x, y), self._cut(words, size_px, width), fill=colour, font=font(size_px))

    def tile(self, x: int, y: int, size: int, picture: Picture | None, label: str) -> None:
        """A picture scaled to `size` x `size` with its label on a dark strip; a frame alone where there is none."""
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
        """Curves over their index from 0 up, on common axes; values that are not finite are left out."""
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
