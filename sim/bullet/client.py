"""A private PyBullet world in this process."""

from functools import partial
from typing import Any, final

import pybullet


@final
class Client:
    """PyBullet's functions as methods. PyBullet's own `BulletClient` prints to stdout on connecting; this does not."""

    def __init__(self) -> None:
        self._id = pybullet.connect(pybullet.DIRECT)

    def __getattr__(self, name: str) -> Any:
        function = partial(getattr(pybullet, name), physicsClientId=self._id)
        setattr(self, name, function)  # cached for the next call
        return function

    def close(self) -> None:
        """Disconnect from the world, which ends it."""
        pybullet.disconnect(physicsClientId=self._id)
