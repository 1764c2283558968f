"""What makes a scene's time pass and paints it: the seam at which MuJoCo is exchanged for another simulator.

A scene is described, for every engine, by one compiled `MjModel` (shapes, masses, colours, light, cameras, servos'
gains) and its `MjData` (poses, speeds, what the servos ask for). An engine starts from what these say, also where
somebody changed them since it looked last, and writes back what became of it.
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
    """One simulator at work on one scene. Steps are of `sim.servo.STEP_S`."""

    def begin(self) -> None:
        """Start anew from the model and data: the table has been laid, the arm put at rest, nothing moves."""
        raise NotImplementedError

    def step(self, steps: int) -> None:
        """Go on with the servos asked for `data.ctrl`; leave in data where everything is and how fast, forces, time."""
        raise NotImplementedError

    def check(self) -> None:
        """Raises DeviceError where the physics blew up."""
        raise NotImplementedError

    def painter(self, size_px: int | None = None) -> Paints:
        """Whoever paints pictures of up to `size_px` both ways; by default of up to the cameras' size."""
        raise NotImplementedError

    def close(self) -> None:
        """Release what it holds; `begin` takes it again."""
        raise NotImplementedError


MakeEngine = Callable[[mujoco.MjModel, mujoco.MjData], Engine]


@final
class MujocoEngine:
    """The simulator that the descriptions come from."""

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData) -> None:
        self._model, self._data = model, data
        self._blow_ups = [data.warning[kind] for kind in _BLOW_UPS]

    def begin(self) -> None:
        """Nothing to do: it reads model and data as they are."""

    def step(self, steps: int) -> None:
        mujoco.mj_step(self._model, self._data, nstep=steps)

    def check(self) -> None:
        if any(warning.number for warning in self._blow_ups):
            raise DeviceError(f"the physics became unstable at {self._data.time:.2f} s; reset the scene")

    def painter(self, size_px: int | None = None) -> Painter:
        return Painter(self._model, self._data, size_px)

    def close(self) -> None:
        """Nothing is held."""
