"""Curves as inline SVG, so that a report is a single file. Knows nothing of logs."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, isfinite, log10

COLOURS = ("#1668c4", "#d9730d", "#2c8a4b", "#b3261e", "#7a4fc9", "#0f7f8c", "#8a6d1a", "#5b6470")
_WIDTH, _HEIGHT = 860, 250  # pixels
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 14, 34, 36
_TICKS = 5  # marks on an axis, about


@dataclass(frozen=True)
class Line:
    """One curve over the same x as its neighbours; a value that is not finite is a gap."""

    name: str
    values: Sequence[float]
    dashed: bool = False


@dataclass(frozen=True)
class Plot:
    """Curves on common axes, with a horizontal bound and vertical marks at events."""

    title: str
    x_label: str
    y_label: str
    x: Sequence[float]
    lines: Sequence[Line]
    bound: float | None = None  # horizontal line, in red
    marks: Sequence[tuple[float, str]] = ()  # (x, text), vertical lines

    def svg(self) -> str:
        """Return the plot as an SVG element."""
        axes = _Axes.over(self)
        body = [
            axes.grid(self.x_label, self.y_label),
            *(_polyline(axes, self.x, line, _colour(place)) for place, line in enumerate(self.lines)),
            "" if self.bound is None else axes.across(self.bound),
            *(axes.down(x, words) for x, words in self.marks),
            _legend(self.lines),
        ]
        head = f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(self.title, quote=True)}">'
        title = f'<text x="{_LEFT}" y="16" class="title">{escape(self.title)}</text>'
        return "".join([head, title, *body, "</svg>"])


@dataclass(frozen=True)
class _Axes:
    x_low: float
    x_high: float
    y_low: float
    y_high: float

    @classmethod
    def over(cls, plot: Plot) -> "_Axes":
        xs = [x for x in plot.x if isfinite(x)] or [0.0]
        ys = [y for line in plot.lines for y in line.values if isfinite(y)]
        ys += [] if plot.bound is None else [plot.bound]
        y_low, y_high = (min(ys), max(ys)) if ys else (0.0, 1.0)
        slack = 0.05 * (y_high - y_low) or abs(y_high) or 1.0
        return cls(min(xs), max(max(xs), min(xs) + 1e-9), y_low - slack, y_high + slack)

    def px(self, x: float) -> float:
        return _LEFT + (x - self.x_low) / (self.x_high - self.x_low) * (_WIDTH - _LEFT - _RIGHT)

    def py(self, y: float) -> float:
        return _HEIGHT - _BOTTOM - (y - self.y_low) / (self.y_high - self.y_low) * (_HEIGHT - _TOP - _BOTTOM)

    def grid(self, x_label: str, y_label: str) -> str:
        rows = []
        for y in _round_values(self.y_low, self.y_high):
            rows.append(_segment(_LEFT, self.py(y), _WIDTH - _RIGHT, self.py(y), "grid"))
            rows.append(_text(_LEFT - 6, self.py(y) + 4, f"{y:.6g}", "end"))
        for x in _round_values(self.x_low, self.x_high):
            rows.append(_segment(self.px(x), _HEIGHT - _BOTTOM, self.px(x), _HEIGHT - _BOTTOM + 4, "axis"))
            rows.append(_text(self.px(x), _HEIGHT - _BOTTOM + 16, f"{x:.6g}", "middle"))
        rows.append(_segment(_LEFT, _HEIGHT - _BOTTOM, _WIDTH - _RIGHT, _HEIGHT - _BOTTOM, "axis"))
        rows.append(_text(_WIDTH - _RIGHT, _HEIGHT - 4, x_label, "end"))
        rows.append(_text(4, _TOP - 6, y_label, "start"))
        return "".join(rows)

    def across(self, y: float) -> str:
        return _segment(_LEFT, self.py(y), _WIDTH - _RIGHT, self.py(y), "bound")

    def down(self, x: float, words: str) -> str:
        line = _segment(self.px(x), _TOP, self.px(x), _HEIGHT - _BOTTOM, "mark")
        near_the_end = self.px(x) > 0.7 * _WIDTH
        shift, anchor = (-4, "end") if near_the_end else (4, "start")
        return line + _text(self.px(x) + shift, _TOP - 5, words, anchor)


def _colour(place: int) -> str:
    return COLOURS[place % len(COLOURS)]


def _segment(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _polyline(axes: _Axes, xs: Sequence[float], line: Line, colour: str) -> str:
    dash = ' stroke-dasharray="5 4"' if line.dashed else ""
    return "".join(
        f'<polyline points="{points}" stroke="{colour}" class="curve"{dash}/>'
        for points in _pieces(axes, xs, line.values)
    )


def _pieces(axes: _Axes, xs: Sequence[float], ys: Sequence[float]) -> list[str]:
    """Points of each stretch without a gap. A lone point is drawn as a short dash."""
    pieces: list[list[str]] = [[]]
    for x, y in zip(xs, ys, strict=False):
        if isfinite(y):
            pieces[-1].append(f"{axes.px(x):.1f},{axes.py(y):.1f}")
        elif pieces[-1]:
            pieces.append([])
    return [" ".join(piece if len(piece) > 1 else piece * 2) for piece in pieces if piece]


def _legend(lines: Sequence[Line]) -> str:
    if len(lines) < 2 and not (lines and lines[0].name):
        return ""
    rows, x = [], _WIDTH - _RIGHT
    for place, line in reversed(list(enumerate(lines))):
        x -= 7 * len(line.name) + 24
        rows.append(f'<rect x="{x}" y="8" width="12" height="4" fill="{_colour(place)}"/>')
        rows.append(_text(x + 16, 15, line.name, "start"))
    return "".join(rows)


def _round_values(low: float, high: float) -> list[float]:
    """A few round numbers between two bounds."""
    raw = (high - low) / _TICKS
    power = 10.0 ** floor(log10(raw))
    step = next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= raw * 0.999)
    return [round(step * k, 12) for k in range(ceil(low / step), floor(high / step) + 1)]
