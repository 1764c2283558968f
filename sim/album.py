"""Views of a scene noted as it goes on and painted together, some at a time, the same pictures as painted at once.

Painted together, they find the caches warm. What is put away is left out: the table hides it. Knows no dataset.
"""

from collections.abc import Sequence

import mujoco
import numpy as np
from numpy.typing import NDArray

from robot_wm.types import CameraSpec
from sim.arm_model import AWAY
from sim.cameras import Painter

PAGES = 64  # moments painted together: fewer, and each time the renderer finds the caches cold; a page is dear to make


class Album:
    """What some cameras of one model saw, moment after moment."""

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData, cameras: Sequence[CameraSpec]) -> None:
        self._cameras = {each.name: (model.camera(each.name).id, each) for each in cameras}
        sizes_px = {each.name: max(each.height, each.width) for each in cameras}
        self._painters = {name: Painter(model, data, size_px, AWAY) for name, size_px in sizes_px.items()}
        self._pages = {name: [each.blank() for _ in range(PAGES)] for name, each in self._painters.items()}
        self.clear()

    def clear(self) -> None:
        """Forget all moments."""
        self._noted = 0  # pages in use
        self._painted: dict[str, list[NDArray[np.uint8]]] = {name: [] for name in self._cameras}

    def note(self) -> None:
        """One more moment: what the cameras see now. Raises MissingDependencyError without GL."""
        if self._noted == PAGES:
            self._paint()
        for name, (camera_id, _) in self._cameras.items():
            self._painters[name].look(camera_id, self._pages[name][self._noted])
        self._noted += 1

    def pictures(self) -> dict[str, NDArray[np.uint8]]:
        """All moments by camera, uint8 RGB (moments, h, w, 3). Raises MissingDependencyError without GL."""
        self._paint()
        return {name: np.concatenate(painted) for name, painted in self._painted.items()}

    def close(self) -> None:
        """Release the painters' contexts."""
        for each in self._painters.values():
            each.close()

    def _paint(self) -> None:
        """Make pictures of what was noted, so that its pages can be used again."""
        for name, (_, spec) in self._cameras.items():
            pages = self._pages[name][: self._noted]
            self._painted[name].append(self._painters[name].painted(pages, spec.height, spec.width))
        self._noted = 0
