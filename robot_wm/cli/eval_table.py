"""Terminal output of `eval`: a progress bar, and a table of the figures."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from robot_wm.evaluate.run import Outcome


def follow(outcomes: Iterable[Outcome], total: int, console: Console, done: list[Outcome]) -> None:
    """Append outcomes to `done` as they arrive and show a progress bar."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("success {task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("episodes", total=total, rate="-")
        for outcome in outcomes:
            done.append(outcome)
            played = [each for each in done if each.outcome != "dropped"]
            rate = f"{sum(each.success for each in played) / len(played):.1%}" if played else "-"
            progress.update(bar, advance=1, rate=rate)


def figures_table(figures: Mapping[str, Any]) -> Table:
    """Return a table of success rates with intervals, by skill and overall; other figures are in the caption."""
    table = Table(title=f"{figures['suite']}, policy {figures['policy']}, arm {figures['arm']}, seed {figures['seed']}")
    for column in ("skill", "episodes", "success", "rate", "95 % (Wilson)"):
        table.add_column(column, justify="left" if column == "skill" else "right")
    for skill, row in figures["skills"].items():
        table.add_row(skill, *_cells(row))
    table.add_section()
    table.add_row("all", *_cells(figures))
    table.caption = _caption(figures)
    return table


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    low, high = row["wilson95"]
    rate = "-" if row["rate"] is None else f"{row['rate']:.1%}"
    return str(row["episodes"]), str(row["success"]), rate, f"{low:.1%} .. {high:.1%}"


def _caption(figures: Mapping[str, Any]) -> str:
    ms, refusals = figures["plan_ms"], figures["refusals"]
    parts = [f"decision p50/p95/p99: {ms['p50']}/{ms['p95']}/{ms['p99']} ms"]
    if refusals["asked"]:
        parts.append(f"correctly refused {refusals['refused']} of {refusals['asked']}")
    parts.append(f"wrongly refused: {figures['false_refusals']}")
    if figures["language_following"] is not None:
        parts.append(f"language following {figures['language_following']:.1%}")
    parts.append(f"dropped as already done: {figures['already_done_dropped']}")
    return "; ".join(parts)
