"""The concrete classes of the installed packages behind a seam, for a contract's list to be held against."""

import inspect
import pkgutil
from importlib import import_module

PACKAGES = ("robot_wm", "sim", "hardware")


def concrete_subclasses(base: type) -> set[type]:
    """Return every class of our packages, tests excluded, that inherits from `base` and can be instantiated."""
    for package in PACKAGES:
        for module in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
            if not module.name.endswith("__main__"):
                import_module(module.name)
    return {
        each
        for each in _descendants(base)
        if each.__module__.split(".")[0] in PACKAGES and not inspect.isabstract(each)
    }


def _descendants(base: type) -> set[type]:
    direct = set(base.__subclasses__())
    return direct.union(*(_descendants(each) for each in direct))
