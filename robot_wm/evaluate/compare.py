"""Two measurements over the same episodes, pair by pair: `python -m robot_wm.evaluate.compare A.json B.json`.

Reads what `robot-wm eval --json` wrote. Knows nothing of how the episodes were played.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robot_wm.errors import ConfigError
from robot_wm.evaluate.statistics import mcnemar_exact, wilson

_SAME = ("seed", "table", "scene", "goal", "instruction")  # what makes two episodes a pair


@dataclass(frozen=True)
class Comparison:
    """Success of A and B over the episodes that both played."""

    skill: str  # or "all"
    pairs: int
    success_a: int
    success_b: int
    only_a: int
    only_b: int

    @property
    def p(self) -> float:
        """McNemar's exact two-sided p: how likely so uneven a split is where A and B are as good."""
        return mcnemar_exact(self.only_a, self.only_b)


def compare(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Comparison]:
    """Overall first, then by skill. Raises ConfigError where the episodes are not the same."""
    if a["suite"] != b["suite"]:
        raise ConfigError(f"the files are of --suite {a['suite']} and {b['suite']}; compare measurements of the same")
    pairs = _paired(a["episodes_detail"], b["episodes_detail"])
    skills = dict.fromkeys(first["skill"] for first, _ in pairs)
    return [
        _compared("all", pairs),
        *(_compared(skill, [p for p in pairs if p[0]["skill"] == skill]) for skill in skills),
    ]


def _paired(
    a: Sequence[Mapping[str, Any]], b: Sequence[Mapping[str, Any]]
) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    second = {row["index"]: row for row in b}
    if set(second) != {row["index"] for row in a}:
        raise ConfigError(
            f"the files hold {len(a)} and {len(b)} episodes; compare measurements with the same --episodes"
        )
    for row in a:
        for key in _SAME:
            if row[key] != second[row["index"]][key]:
                raise ConfigError(
                    f"episode {row['index']} differs in its {key}: {row[key]!r} and {second[row['index']][key]!r}; "
                    "compare measurements with the same --suite, --seed and --instructions"
                )
    pairs = [(row, second[row["index"]]) for row in a]
    return [pair for pair in pairs if "dropped" not in (pair[0]["outcome"], pair[1]["outcome"])]


def _compared(skill: str, pairs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Comparison:
    won = [(bool(first["success"]), bool(second["success"])) for first, second in pairs]
    return Comparison(
        skill,
        pairs=len(won),
        success_a=sum(first for first, _ in won),
        success_b=sum(second for _, second in won),
        only_a=won.count((True, False)),
        only_b=won.count((False, True)),
    )


def table(names: tuple[str, str], rows: Sequence[Comparison]) -> str:
    """The comparison as plain text."""
    a, b = names
    lines = [
        f"A = {a}, B = {b}",
        f"{'skill':<12}{'pairs':>6}  {'A (95 %)':<24}{'B (95 %)':<24}{'only A':>7}{'only B':>7}{'p':>9}",
    ]
    for row in rows:
        cells = f"{_cell(row.success_a, row.pairs):<24}{_cell(row.success_b, row.pairs):<24}"
        lines.append(f"{row.skill:<12}{row.pairs:>6}  {cells}{row.only_a:>7}{row.only_b:>7}{row.p:>9.4f}")
    return "\n".join(lines)


def _cell(success: int, pairs: int) -> str:
    low, high = wilson(success, pairs)
    return f"{success / max(pairs, 1):.1%} ({low:.1%} .. {high:.1%})"


@dataclass(frozen=True)
class Files:
    """Compare two files that `robot-wm eval --json` wrote."""

    a: Path
    b: Path


def main(files: Files) -> None:
    """Print the comparison."""
    a, b = (_read(path) for path in (files.a, files.b))
    print(table((_told(a, files.a), _told(b, files.b)), compare(a, b)))


def _told(figures: Mapping[str, Any], path: Path) -> str:
    goals = "" if figures["understand"] == "language" else ", goals given"
    return f"{figures['policy']} on {figures['arm']}{goals} ({path})"


def _read(path: Path) -> dict[str, Any]:
    try:
        figures = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read {path}: {error}; give a file that `robot-wm eval --json` wrote") from error
    if not isinstance(figures, dict) or "episodes_detail" not in figures:
        raise ConfigError(f"{path} holds no 'episodes_detail'; give a file that `robot-wm eval --json` wrote")
    return figures


if __name__ == "__main__":
    import sys

    import tyro

    from robot_wm.errors import RobotWMError

    try:
        main(tyro.cli(tyro.conf.Positional[Files], prog="compare"))
    except RobotWMError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_status)
