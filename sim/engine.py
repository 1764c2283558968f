"""The engine advances and renders a scene; MuJoCo can be exchanged for another simulator here.

For every engine, a scene is described by one compiled `MjModel` (shapes, masses, colours, light, cameras, servo gains)
and its `MjData` (poses, speeds, set points). An engine starts from their present values, including any changes made
since its last step, and writes the result back.
"""

from collections.abc import Callable
from typing import Protocol, final

import mujoco

from robot_wm.errors import DeviceError
from sim.cameras import Painter, Paints

_BLOW_UPS = (
    mujoco.mjtWarning.mjWARN_BADQPOS,
    mujoco.mjtWarning.mjWARN_BADQVEL,
    mujoco.mjtWarning.mjWARN_BADQACC,
)


class Engine(Protocol):
    """One simulator of one scene. Steps last `sim.servo.STEP_S`."""

    def begin(self) -> None:
        """Start a new episode from model and data: things and arm are placed and nothing moves."""
        raise NotImplementedError

    def step(self, steps: int) -> None:
        """Advance by `steps` with the set points in `data.ctrl`; write poses, speeds, forces and time to data."""
        raise NotImplementedError

    def check(self) -> None:
        """Raise DeviceError where the physics became unstable."""
        raise NotImplementedError

    def painter(self, size_px: int | None = None) -> Paints:
        """Return a renderer of pictures up to `size_px` high and wide; by default up to the cameras' size."""
        raise NotImplementedError

    def close(self) -> None:
        """Release the simulator; `begin` makes another."""
        raise NotImplementedError


MakeEngine = Callable[[mujoco.MjModel, mujoco.MjData], Engine]


@final
class MujocoEngine:
    """MuJoCo, which needs no translation of model and data."""

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData) -> None:
        self._model, self._data = model, data
        self._blow_ups = [data.warning[kind] for kind in _BLOW_UPS]

    def begin(self) -> None:
        """Do nothing: model and data are MuJoCo's own."""

    def step(self, steps: int) -> None:
        mujoco.mj_step(self._model, self._data, nstep=steps)

    def check(self) -> None:
        if any(warning.number for warning in self._blow_ups):
            raise DeviceError(f"the physics became unstable at {self._data.time:.2f} s; reset the scene")

    def painter(self, size_px: int | None = None) -> Painter:
        return Painter(self._model, self._data, size_px)

    def close(self) -> None:
        """Do nothing: there is nothing to release."""
