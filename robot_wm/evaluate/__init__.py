"""Evaluation: success rates on suites of episodes, judged by the simulator, with intervals."""

from typing import TYPE_CHECKING

from robot_wm.lazy import front_door

if TYPE_CHECKING:
    from robot_wm.evaluate.episodes import Episode as Episode
    from robot_wm.evaluate.episodes import lay_out as lay_out
    from robot_wm.evaluate.instructions import Line as Line
    from robot_wm.evaluate.instructions import read_lines as read_lines
    from robot_wm.evaluate.logs import EpisodeLogs as EpisodeLogs
    from robot_wm.evaluate.recipe import Recipe as Recipe
    from robot_wm.evaluate.run import Outcome as Outcome
    from robot_wm.evaluate.run import run_episode as run_episode
    from robot_wm.evaluate.statistics import mcnemar_exact as mcnemar_exact
    from robot_wm.evaluate.statistics import wilson as wilson
    from robot_wm.evaluate.suite import Bumps as Bumps
    from robot_wm.evaluate.suite import Suite as Suite
    from robot_wm.evaluate.summary import summarise as summarise
    from robot_wm.evaluate.workers import play_all as play_all

__getattr__, __dir__, __all__ = front_door(
    __name__,
    {
        "episodes": (
            "Episode",
            "lay_out",
        ),
        "instructions": (
            "Line",
            "read_lines",
        ),
        "logs": ("EpisodeLogs",),
        "recipe": ("Recipe",),
        "run": (
            "Outcome",
            "run_episode",
        ),
        "statistics": (
            "mcnemar_exact",
            "wilson",
        ),
        "suite": (
            "Bumps",
            "Suite",
        ),
        "summary": ("summarise",),
        "workers": ("play_all",),
    },
)
