"""Lazy re-exports: names that a package offers and imports on first use.

    if TYPE_CHECKING:
        from robot_wm.log.read import load_log as load_log
    __getattr__, __dir__, __all__ = front_door(__name__, {"read": ("load_log",)})

`import robot_wm.log` then imports nothing else, and type checkers still see the names.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def front_door(
    package: str, offered: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return the module functions `__getattr__` and `__dir__`, and `__all__`, of a package.

    Args:
        package: full name of the package.
        offered: exported names by submodule (relative to the package).
    """
    homes = {name: f"{package}.{module}" for module, names in offered.items() for name in names}

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}; it offers {', '.join(sorted(homes))}")
        return getattr(import_module(homes[name]), name)

    return get, lambda: sorted(homes), sorted(homes)
