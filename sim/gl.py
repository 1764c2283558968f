"""An off-screen OpenGL context: EGL where the machine has it, else OSMesa, else an error that names the package.

The environment variable MUJOCO_GL selects one (`egl` or `osmesa`). Nothing is loaded before `open_context`.
"""

import atexit
import ctypes
import os
import weakref
from importlib import import_module
from typing import Protocol

from robot_wm.errors import MissingDependencyError, UnknownNameError

BACKENDS = ("egl", "osmesa")
_LIBRARIES = {"egl": ("libEGL.so.1",), "osmesa": ("libOSMesa.so.8", "libOSMesa.so.6", "libOSMesa.so")}
_REMEDY = (
    "on Debian `apt-get install libegl1 libopengl0 libgl1-mesa-dri` brings EGL (preferred), "
    "`apt-get install libosmesa6` brings OSMesa; MUJOCO_GL=osmesa avoids a broken EGL"
)


class GLContext(Protocol):
    """What a backend's context can do."""

    def make_current(self) -> None:
        """Make it the thread's context."""
        raise NotImplementedError

    def free(self) -> None:
        """Release the context."""
        raise NotImplementedError


def wanted_backends(environment: str | None) -> tuple[str, ...]:
    """Return the backends to try, in order.

    Args:
        environment: The value of MUJOCO_GL, if set.

    Raises:
        UnknownNameError: It names no backend.
    """
    if not environment or environment == "glfw":  # glfw needs a display
        return BACKENDS
    if environment not in BACKENDS:
        raise UnknownNameError("GL backend", environment, BACKENDS, "Unset MUJOCO_GL to choose automatically.")
    return (environment,)


def open_context(width: int, height: int) -> GLContext:
    """Open an off-screen context of a size in pixels and make it current.

    Raises:
        MissingDependencyError: No backend works.
    """
    failures = []
    for backend in wanted_backends(os.environ.get("MUJOCO_GL", "").lower().strip()):
        try:
            return _open(backend, width, height)
        except Exception as error:  # backends fail with any exception
            failures.append(f"{backend}: {error or type(error).__name__}")
    raise MissingDependencyError(f"no OpenGL library for off-screen pictures ({'; '.join(failures)}); {_REMEDY}")


def _open(backend: str, width: int, height: int) -> GLContext:
    _require_library(backend)  # before PyOpenGL chooses its platform, which is final
    os.environ.setdefault("PYOPENGL_PLATFORM", backend)
    os.environ.setdefault("LP_NUM_THREADS", "0")  # Mesa's threads slow small pictures down
    try:
        context = import_module(f"mujoco.{backend}").GLContext(width, height)
        context.make_current()
    except Exception:
        if os.environ.get("PYOPENGL_PLATFORM") == backend:
            del os.environ["PYOPENGL_PLATFORM"]
        raise
    atexit.register(_free, weakref.ref(context))  # runs before the backend closes its display, registered earlier
    return context


def _require_library(backend: str) -> None:
    for library in _LIBRARIES[backend]:
        try:
            ctypes.CDLL(library)
            return
        except OSError:
            continue
    raise OSError(f"there is no {_LIBRARIES[backend][0]}")


def _free(context: "weakref.ref[GLContext]") -> None:
    living = context()
    if living is not None:
        living.free()
