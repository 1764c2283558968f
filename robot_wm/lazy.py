"""Names that a package offers at its front door and imports only when they are asked for.

    if TYPE_CHECKING:
        from robot_wm.log.read import load_log as load_log
    __getattr__, __dir__, __all__ = front_door(__name__, {"read": ("load_log",)})

So that `import robot_wm.log` costs nothing, type checkers still see what is offered.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def front_door(
    package: str, offered: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return the module functions `__getattr__` and `__dir__`, and `__all__`, of a package.

    Args:
        package: its full name.
        offered: by submodule (relative to the package), the names offered from there.
    """
    homes = {name: f"{package}.{module}" for module, names in offered.items() for name in names}

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}; it offers {', '.join(sorted(homes))}")
        return getattr(import_module(homes[name]), name)

    return get, lambda: sorted(homes), sorted(homes)
