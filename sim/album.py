"""Views of a scene noted as it goes on and painted together afterwards, the same pictures as painted at once.

Painted together, each camera's pictures share one binding of its buffers. Knows no dataset.
"""

from collections.abc import Sequence

import mujoco
import numpy as np
from numpy.typing import NDArray

from robot_wm.types import CameraSpec
from sim.cameras import Painter


class Album:
    """What some cameras of one model saw, moment after moment. Keeps its pages' memory from episode to episode."""

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData, cameras: Sequence[CameraSpec]) -> None:
        self._cameras = {each.name: (model.camera(each.name).id, each) for each in cameras}
        self._painter = Painter(model, data)
        self._pages: dict[str, list[mujoco.MjvScene]] = {each.name: [] for each in cameras}
        self._length = 0

    def clear(self) -> None:
        """Forget all moments."""
        self._length = 0

    def note(self) -> None:
        """One more moment: what the cameras see now."""
        for name, (camera_id, _) in self._cameras.items():
            pages = self._pages[name]
            if len(pages) == self._length:
                pages.append(self._painter.blank())
            self._painter.look(camera_id, pages[self._length])
        self._length += 1

    def pictures(self) -> dict[str, NDArray[np.uint8]]:
        """All moments by camera, uint8 RGB (moments, h, w, 3). Raises MissingDependencyError without GL."""
        return {
            name: self._painter.painted(self._pages[name][: self._length], spec.height, spec.width)
            for name, (_, spec) in self._cameras.items()
        }

    def close(self) -> None:
        """Release the painter's context."""
        self._painter.close()
