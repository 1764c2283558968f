"""A report as one self-contained HTML page: verdict, facts, plots and tables. No script, no file beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from robot_wm.replay.plot import Plot

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 900px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.4em; } h2 { font-size: 1.1em; margin-top: 2em; }
.verdict { padding: .6em 1em; border-radius: 6px; font-weight: 600; color: #fff; }
.holds { background: #2c8a4b; } .differs { background: #b3261e; } .shown { background: #5b6470; }
table { border-collapse: collapse; } td, th { padding: .15em .9em .15em 0; text-align: left; vertical-align: top; }
th { font-weight: 600; } td { font-variant-numeric: tabular-nums; }
.rows { max-height: 26em; overflow: auto; }
svg { width: 100%; height: auto; margin-top: 1em; } svg text { font-size: 11px; fill: currentColor; }
svg .title { font-size: 13px; font-weight: 600; }
.grid { stroke: #8884; } .axis { stroke: currentColor; } .bound { stroke: #b3261e; stroke-dasharray: 6 4; }
.mark { stroke: #b3261e; } .curve { fill: none; stroke-width: 1.6; }
"""


@dataclass(frozen=True)
class Table:
    """Rows of words under column names."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def html(self) -> str:
        """Return the table as HTML with its heading."""
        head = "".join(f"<th>{escape(column)}</th>" for column in self.columns)
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in self.rows)
        return (
            f"<h2>{escape(self.title)}</h2>"
            f'<div class="rows"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        )


@dataclass(frozen=True)
class Page:
    """The contents of a report."""

    title: str
    kind: str  # "holds", "differs" or "shown" (a comparison that gives no verdict)
    words: str  # the verdict, for a person
    facts: Mapping[str, str]
    plots: Sequence[Plot] = ()
    tables: Sequence[Table] = ()

    def html(self) -> str:
        """Return the page as HTML."""
        rows = "".join(
            f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in self.facts.items()
        )
        return "".join(
            [
                '<!doctype html><html lang="en"><head><meta charset="utf-8">',
                f"<title>{escape(self.title)}</title><style>{_STYLE}</style></head><body>",
                f"<h1>{escape(self.title)}</h1>",
                f'<p class="verdict {self.kind}">{escape(self.words)}</p>',
                f"<table>{rows}</table>",
                *(plot.svg() for plot in self.plots),
                *(table.html() for table in self.tables),
                "</body></html>\n",
            ]
        )
