"""One page of a `do` video: what was said, what is wanted, what is seen, what is imagined, how far it still is."""

from collections.abc import Sequence
from dataclasses import dataclass

from robot_wm.video.canvas import FAINT, INK, LINE, Canvas, Picture

HEADER, SIDE, TILE = 72, 512, 256


@dataclass(frozen=True)
class Page:
    """All that is shown at one moment."""

    instruction: str  # as it was said
    goal: str  # as it was understood, in words
    status: str  # e.g. "tick 12, search" or "done (judged by the simulator)"
    overview: Picture | None  # (h, w, 3), any size
    wrist: Picture | None
    imagined: Picture | None  # the end of the chosen plan, as the model's decoder paints it
    steps_to_goal: Sequence[float]  # the policy's belief, one a tick; nan where it has none

    def draw(self) -> Picture:
        """The page, uint8 RGB (584, 1024, 3)."""
        canvas = Canvas(SIDE + 2 * TILE, HEADER + SIDE)
        canvas.text(12, 8, f"“{self.instruction}”", 26, INK, width=1000)
        canvas.text(12, 44, f"goal: {self.goal}", 18, LINE, width=620)
        canvas.text(SIDE + 130, 44, self.status, 18, FAINT, width=370)
        canvas.tile(0, HEADER, SIDE, self.overview, "overview camera")
        canvas.tile(SIDE, HEADER, TILE, self.wrist, "wrist camera")
        canvas.tile(SIDE + TILE, HEADER, TILE, self.imagined, "what the model imagines")
        canvas.curves(
            SIDE, HEADER + TILE, 2 * TILE, TILE, "steps to goal, as the model believes", [(self.steps_to_goal, LINE)]
        )
        return canvas.picture
