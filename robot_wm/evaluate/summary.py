"""Summarise outcomes as the figures that `eval --json` writes."""

from collections import Counter
from collections.abc import Sequence

from robot_wm.evaluate.recipe import Recipe
from robot_wm.evaluate.run import Outcome
from robot_wm.evaluate.statistics import wilson
from robot_wm.evaluate.suite import Suite
from robot_wm.session.report import latency_percentiles


def summarise(outcomes: Sequence[Outcome], suite: Suite, recipe: Recipe, seed: int) -> dict[str, object]:
    """Return all figures. Episodes solved before they began are excluded from all rates and counted separately."""
    played = [each for each in outcomes if each.outcome != "dropped"]
    to_refuse = [each for each in played if each.episode.line.is_refusal]
    good = [each for each in played if not each.episode.line.is_refusal]
    success = sum(each.success for each in played)
    return {
        "suite": suite.name,
        "policy": recipe.policy,
        "arm": recipe.arm,
        "episodes": len(played),
        "success": success,
        "rate": _rate(success, len(played)),
        "wilson95": [round(bound, 4) for bound in wilson(success, len(played))],
        "skills": _by_skill(played),
        "refusals": {"asked": len(to_refuse), "refused": sum(each.outcome == "refused" for each in to_refuse)},
        "false_refusals": sum(each.outcome == "refused" for each in good),
        "language_following": _following(good),
        "plan_ms": latency_percentiles([ms for each in played for ms in each.decision_ms]),
        "already_done_dropped": len(outcomes) - len(played),
        "checkpoint": str(recipe.checkpoint or "shipped") if recipe.learned else None,
        "seed": seed,
        "understand": "language" if recipe.hears_words else "given",
        "bumped": sum(each.bumped for each in played),
        "held_ticks": {reason: sum(each.held.get(reason, 0) for each in played) for reason in ("late", "not finite")},
        "faults": dict(Counter(each.fault for each in played if each.fault)),
        "episodes_detail": [each.to_json() for each in outcomes],
    }


def _rate(success: int, episodes: int) -> float | None:
    return round(success / episodes, 4) if episodes else None


def _by_skill(played: Sequence[Outcome]) -> dict[str, dict[str, object]]:
    table = {}
    for skill in dict.fromkeys(each.episode.line.kind for each in played):
        rows = [each.success for each in played if each.episode.line.kind == skill]
        bounds = [round(bound, 4) for bound in wilson(sum(rows), len(rows))]
        table[skill] = {
            "episodes": len(rows),
            "success": sum(rows),
            "rate": _rate(sum(rows), len(rows)),
            "wilson95": bounds,
        }
    return table


def _following(good: Sequence[Outcome]) -> float | None:
    """Return the success rate over episodes that share their table with another instruction; None if there are none."""
    heard: dict[int, set[str]] = {}
    for each in good:
        heard.setdefault(each.episode.table, set()).add(each.episode.said.instruction)
    rows = [each.success for each in good if len(heard[each.episode.table]) > 1]
    return _rate(sum(rows), len(rows))
