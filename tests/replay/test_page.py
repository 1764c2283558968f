"""Laws of the report: one file, well formed, with every curve; words are escaped, gaps stay gaps."""

from math import inf, nan
from xml.etree import ElementTree

import pytest

from robot_wm.replay.page import Page, Table
from robot_wm.replay.plot import Line, Plot

SVG = "{http://www.w3.org/2000/svg}"


def parsed(plot: Plot) -> ElementTree.Element:
    return ElementTree.fromstring(plot.svg().replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def curves(plot: Plot) -> list[list[tuple[float, float]]]:
    return [
        [(float(x), float(y)) for x, y in (point.split(",") for point in line.attrib["points"].split())]
        for line in parsed(plot).iter(f"{SVG}polyline")
    ]


def test_a_curve_goes_through_its_points_in_order() -> None:
    (points,) = curves(Plot("t", "x", "y", [0.0, 1.0, 2.0], [Line("a", [0.0, 5.0, 10.0])]))
    (x0, y0), (x1, y1), (x2, y2) = points
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.2) and x0 < x1
    assert y0 - y1 == pytest.approx(y1 - y2, abs=0.2) and y0 > y1  # up is a smaller y


@pytest.mark.parametrize("gap", [nan, inf])
def test_what_is_no_number_is_a_gap(gap: float) -> None:
    pieces = curves(Plot("t", "x", "y", [0, 1, 2, 3, 4], [Line("a", [1.0, 2.0, gap, 3.0, 4.0])]))
    assert [len(piece) for piece in pieces] == [2, 2]


@pytest.mark.parametrize("values", [[], [nan], [3.0], [0.0, 0.0], [1e-12, -1e9]])
def test_any_values_can_be_drawn(values: list[float]) -> None:
    parsed(Plot("t", "x", "y", list(range(len(values))), [Line("a", values)], bound=0.5, marks=[(0.0, "here")]))


def test_a_bound_is_within_the_picture() -> None:
    plot = Plot("t", "x", "y", [0.0, 1.0], [Line("a", [0.0, 1.0])], bound=7.0)
    (line,) = [each for each in parsed(plot).iter(f"{SVG}line") if each.attrib["class"] == "bound"]
    assert 0.0 < float(line.attrib["y1"]) < 250.0


def test_words_are_escaped_and_nothing_is_fetched() -> None:
    plot = Plot("<b>", "x", "y", [0.0, 1.0], [Line("<i>", [1.0, 2.0])], marks=[(1.0, "a<b")])
    page = Page("<script>", "differs", "a & b", {"<k>": "<v>"}, [plot], [Table("<t>", ("<c>",), [("<d>",)])]).html()
    for raw in ("<script>", "<k>", "<v>", "<t>", "<c>", "<d>", "<i>", "a<b"):
        assert raw not in page
    assert "src=" not in page and "href=" not in page and "http" not in page
    assert page.count("<svg ") == 1 and "a &amp; b" in page
