"""Batched rendering: views of a scene are recorded as time passes and rendered some at a time.

The pictures equal those rendered at once; batches find the caches warm. Things that are put away are left out, because
the table hides them. Knows no dataset.
"""

from collections.abc import Sequence

import mujoco
import numpy as np
from numpy.typing import NDArray

from robot_wm.types import CameraSpec
from sim.arm_model import AWAY
from sim.cameras import Painter

PAGES = 64  # moments in a batch: smaller ones find the caches cold, and a page is expensive to make


class Album:
    """What some cameras of one model see over time."""

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData, cameras: Sequence[CameraSpec]) -> None:
        self._cameras = {each.name: (model.camera(each.name).id, each) for each in cameras}
        sizes_px = {each.name: max(each.height, each.width) for each in cameras}
        self._painters = {name: Painter(model, data, size_px, AWAY) for name, size_px in sizes_px.items()}
        self._pages = {name: [each.blank() for _ in range(PAGES)] for name, each in self._painters.items()}
        self.clear()

    def clear(self) -> None:
        """Forget all recorded moments."""
        self._noted = 0  # pages in use
        self._painted: dict[str, list[NDArray[np.uint8]]] = {name: [] for name in self._cameras}

    def note(self) -> None:
        """Record what the cameras see now.

        Raises:
            MissingDependencyError: There is no OpenGL library.
        """
        if self._noted == PAGES:
            self._paint()
        for name, (camera_id, _) in self._cameras.items():
            self._painters[name].look(camera_id, self._pages[name][self._noted])
        self._noted += 1

    def pictures(self) -> dict[str, NDArray[np.uint8]]:
        """Return all recorded moments by camera, uint8 RGB (moments, h, w, 3).

        Raises:
            MissingDependencyError: There is no OpenGL library.
        """
        self._paint()
        return {name: np.concatenate(painted) for name, painted in self._painted.items()}

    def close(self) -> None:
        """Release the OpenGL contexts."""
        for each in self._painters.values():
            each.close()

    def _paint(self) -> None:
        """Render the recorded views, so that their pages can be reused."""
        for name, (_, spec) in self._cameras.items():
            pages = self._pages[name][: self._noted]
            self._painted[name].append(self._painters[name].painted(pages, spec.height, spec.width))
        self._noted = 0
