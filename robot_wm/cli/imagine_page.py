"""Output of `imagine`: video frames with real picture, imagined picture and difference; a table of the error."""

from collections.abc import Iterator, Sequence

import numpy as np
from rich.table import Table

from robot_wm.evaluate.imagination import Window
from robot_wm.video.canvas import FAINT, INK, LINE, SECOND_LINE, Canvas, Picture

_TILE, _HEADER, _CURVES = 320, 72, 220
_LINES = (("imagined", LINE), ("decoded from observation", SECOND_LINE), ("static scene", FAINT))
_LAST_TIMES = 4  # a window's last page is shown this often


def pages_of(windows: Sequence[Window], task: str, block: int) -> Iterator[Picture]:
    """Yield all video frames in order, uint8 RGB (612, 960, 3)."""
    for window in windows:
        for step in range(len(window.real)):
            page = _page(window, step, task, block)
            yield from [page] * (_LAST_TIMES if step == len(window.real) - 1 else 1)


def _page(window: Window, step: int, task: str, block: int) -> Picture:
    canvas = Canvas(3 * _TILE, _HEADER + _TILE + _CURVES)
    canvas.text(12, 8, f"oracle: {task}", 26, INK, width=3 * _TILE - 24)
    ahead = f"observed at step {window.start}, imagined {(step + 1) * block} steps ahead from the actions alone"
    canvas.text(12, 44, ahead, 18, LINE, width=3 * _TILE - 24)
    real, imagined = window.real[step], window.imagined[step]
    off = np.abs(imagined.astype(np.int16) - real).astype(np.uint8)
    for place, (picture, label) in enumerate(((real, "real"), (imagined, "imagined"), (off, "difference"))):
        canvas.tile(place * _TILE, _HEADER, _TILE, picture, label)
    top = _HEADER + _TILE
    curves = (window.imagined_error, window.seen_error, window.still_error)
    lines = [(list(curve[: step + 1]), colour) for curve, (_, colour) in zip(curves, _LINES, strict=True)]
    canvas.curves(0, top, 3 * _TILE, _CURVES, "mean absolute pixel error (0 to 255)", lines)
    for place, (name, colour) in enumerate(_LINES):
        canvas.text(400 + 185 * place, top + 3, name, 15, colour)
    return canvas.picture


def error_table(windows: Sequence[Window], block: int) -> Table:
    """Return a table of the mean error over all windows, by steps ahead."""
    table = Table(title="mean absolute pixel error (0 to 255)", caption=f"over {len(windows)} windows")
    for column in ("steps ahead", *(name for name, _ in _LINES)):
        table.add_column(column, justify="right")
    curves = [np.mean([getattr(w, f"{name}_error") for w in windows], axis=0) for name in ("imagined", "seen", "still")]
    for step in range(len(curves[0])):
        table.add_row(str((step + 1) * block), *(f"{curve[step]:.2f}" for curve in curves))
    return table
