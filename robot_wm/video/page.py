"""One page of a `do` video: instruction, goal, camera pictures, imagined picture, predicted steps to the goal."""

from collections.abc import Sequence
from dataclasses import dataclass

from robot_wm.video.canvas import FAINT, INK, LINE, Canvas, Picture

HEADER, SIDE, TILE = 72, 512, 256


@dataclass(frozen=True)
class Page:
    """Everything on the page at one moment."""

    instruction: str  # as given
    goal: str  # as understood, in words
    status: str  # e.g. "tick 12, search" or "done (judged by the simulator)"
    overview: Picture | None  # (h, w, 3), any size
    wrist: Picture | None
    imagined: Picture | None  # the end of the chosen plan, decoded by the model
    steps_to_goal: Sequence[float]  # the agent's prediction, one per tick; nan if it has none

    def draw(self) -> Picture:
        """The page, uint8 RGB (584, 1024, 3)."""
        canvas = Canvas(SIDE + 2 * TILE, HEADER + SIDE)
        canvas.text(12, 8, f"“{self.instruction}”", 26, INK, width=1000)
        canvas.text(12, 44, f"goal: {self.goal}", 18, LINE, width=620)
        canvas.text(SIDE + 130, 44, self.status, 18, FAINT, width=370)
        canvas.tile(0, HEADER, SIDE, self.overview, "overview camera")
        canvas.tile(SIDE, HEADER, TILE, self.wrist, "wrist camera")
        canvas.tile(SIDE + TILE, HEADER, TILE, self.imagined, "imagined end of the plan")
        canvas.curves(SIDE, HEADER + TILE, 2 * TILE, TILE, "predicted steps to goal", [(self.steps_to_goal, LINE)])
        return canvas.picture
