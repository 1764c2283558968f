"""What a test must leave as it found it: the settings that the whole process shares.

Warning filters and captured streams are put back by pytest itself around every test.
"""

import gc
import locale
import logging
import multiprocessing
import os
import resource
import signal
import sys
import threading
from collections.abc import Mapping
from typing import Any

import numpy as np

State = Mapping[str, Any]

ALLOWED = {
    "environ PYTEST_CURRENT_TEST": "pytest's own",
    "environ PYOPENGL_PLATFORM": "PyOpenGL reads it once, when the first picture of the process is rendered",
    "environ LD_LIBRARY_PATH": "importing OpenCV sets it",
    "environ PYGAME_HIDE_SUPPORT_PROMPT": "importing gymnasium sets it",
    "environ TORCHINDUCTOR_CACHE_DIR": "torch sets it when it first imports its compiler",
    "environ LP_NUM_THREADS": "Mesa reads it once, when the first picture of the process is rendered",
}
_LIMITS = ("RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CORE", "RLIMIT_AS")


def process_state() -> State:
    """Return the settings by name. Those of a library are there once something has imported it."""
    return {
        "working directory": os.getcwd(),  # noqa: PTH109 (this runs around every test)
        "sys.path": tuple(sys.path),
        "excepthooks": (sys.excepthook, threading.excepthook, sys.unraisablehook),
        "recursion limit": sys.getrecursionlimit(),
        "garbage collection": gc.isenabled(),
        "locale": locale.setlocale(locale.LC_ALL),
        "start method": multiprocessing.get_start_method(),
        "child processes": tuple(child.pid for child in multiprocessing.active_children()),
        "threads": frozenset(each.name for each in threading.enumerate() if not each.daemon),
        "numpy print options": str(np.get_printoptions()),
        "numpy error handling": str(np.geterr()),
        **{f"environ {name}": value for name, value in os.environ.items()},
        **{f"signal {number.name}": signal.getsignal(number) for number in signal.Signals},
        **{f"limit {name}": resource.getrlimit(getattr(resource, name)) for name in _LIMITS},
        **_logging(),
        **_torch(),
    }


def changes(before: State, after: State) -> list[str]:
    """Describe each difference but for the allowed ones; a library that was imported in between is no difference."""
    names = before.keys() | {name for name in after if name.startswith("environ ")}
    return [
        f"{name}: {before.get(name)!r} became {after.get(name)!r}"
        for name in sorted(names - ALLOWED.keys())
        if before.get(name) != after.get(name)
    ]


def _logging() -> State:
    """Level and handlers of the root logger, but for those with which pytest captures, and the switch for all."""
    root = logging.getLogger()
    handlers = tuple(each for each in root.handlers if not type(each).__module__.startswith("_pytest"))
    return {"logging": (root.level, handlers, root.manager.disable)}


def _torch() -> State:
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "get_num_threads"):
        return {}
    return {
        "torch threads": torch.get_num_threads(),
        "torch default dtype": torch.get_default_dtype(),
        "torch determinism": (
            torch.are_deterministic_algorithms_enabled(),
            torch.is_deterministic_algorithms_warn_only_enabled(),
            torch.backends.cudnn.deterministic,
            torch.backends.cudnn.benchmark,
        ),
        "torch precision": torch.get_float32_matmul_precision(),
        "torch gradients": (torch.is_grad_enabled(), torch.is_inference_mode_enabled()),
    }
