# PyBullet's compiled module carries no types; without this, every name in it is an error to pyright.
from typing import Any

def __getattr__(name: str) -> Any: ...
