"""Laws of decision replay: it holds for what was recorded, and names what was changed."""

from pathlib import Path

from robot_wm.log.read import open_log
from robot_wm.replay.rebuild import Changes
from robot_wm.replay.runs import replay_decisions


def test_the_same_controller_decides_the_same_to_the_last_bit(log_file: Path) -> None:
    outcome = replay_decisions(open_log(log_file), Changes())
    assert outcome.exit_status == 0, outcome.words
    assert (outcome.values["verdict"], outcome.values["ticks"], outcome.values["equal_ticks"]) == ("holds", 12, 12)
