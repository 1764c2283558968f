"""Replays of logs: the same decisions, the same simulation, the same motion of an arm; and what-if questions."""

from typing import TYPE_CHECKING

from robot_wm.lazy import front_door

if TYPE_CHECKING:
    from robot_wm.replay.arm import Manner as Manner
    from robot_wm.replay.arm_run import replay_on_arm as replay_on_arm
    from robot_wm.replay.keys import Controls as Controls
    from robot_wm.replay.keys import Keys as Keys
    from robot_wm.replay.keys import NoControls as NoControls
    from robot_wm.replay.report import Outcome as Outcome
    from robot_wm.replay.verdict import Cause as Cause
    from robot_wm.replay.verdict import Difference as Difference
    from robot_wm.replay.verdict import Verdict as Verdict

__getattr__, __dir__, __all__ = front_door(
    __name__,
    {
        "arm": ("Manner",),
        "arm_run": ("replay_on_arm",),
        "keys": (
            "Controls",
            "Keys",
            "NoControls",
        ),
        "report": ("Outcome",),
        "verdict": (
            "Cause",
            "Difference",
            "Verdict",
        ),
    },
)
