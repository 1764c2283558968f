"""One PyBullet world of our own within this process: every call goes to it and to no other."""

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
        setattr(self, name, function)  # found at once the next time
        return function

    def close(self) -> None:
        """Give the world up."""
        pybullet.disconnect(physicsClientId=self._id)
