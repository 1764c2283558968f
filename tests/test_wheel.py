"""The built wheel works in an environment of its own, away from the source tree."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.slow

_LOOK = """
from pathlib import Path
import robot_wm, sim
from robot_wm import config, registry
assert Path(robot_wm.__file__).is_relative_to(PREFIX), robot_wm.__file__
assert (Path(robot_wm.__file__).parent / "py.typed").is_file()
assert config.config_folder().parent == Path(robot_wm.__file__).parent, config.config_folder()
assert "tabletop" in config.config_names("scenes"), config.config_names("scenes")
assert {"mujoco", "fake"} <= set(registry.names(registry.ARMS))
station = registry.find(registry.ARMS, "mujoco")("tabletop")
with station:
    station.reset(0)
    station.arm.read()
    assert station.cameras["overview"].read().rgb.shape == (128, 128, 3)
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has the wheel, and this environment's packages but not this source tree."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip"]
    subprocess.run([*pip, "wheel", "-q", "--no-deps", "-w", folder, ROOT], check=True)
    (wheel,) = folder.glob("robot_wm-*.whl")
    venv.create(folder / "venv", with_pip=False)
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    subprocess.run([*pip, "install", "-q", "--no-deps", "--target", site, wheel], check=True)
    (here,) = Path(sys.prefix).glob("lib/python*/site-packages")
    (site / "borrowed.pth").write_text(f"{here}\n")  # a path in a .pth runs no editable hooks of that folder
    return folder / "venv" / "bin" / "python"


def test_the_wheel_finds_its_configurations_its_arms_and_a_scene(python: Path, tmp_path: Path) -> None:
    code = f"PREFIX = {str(python.parent.parent)!r}\n{_LOOK}"
    subprocess.run([python, "-I", "-c", code], check=True, cwd=tmp_path)


def test_the_wheels_command_runs(python: Path, tmp_path: Path) -> None:
    command = [python, "-I", "-m", "robot_wm.cli.main"]
    done = subprocess.run([*command, "--help"], check=True, cwd=tmp_path, capture_output=True, text=True)
    assert "doctor" in done.stdout
    done = subprocess.run([*command, "doctor"], cwd=tmp_path, capture_output=True, text=True)
    assert "ok       rendering" in done.stdout, done.stdout + done.stderr
