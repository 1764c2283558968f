"""Laws of the packages' front doors: all that is offered is there, and looking costs no heavy import."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOMS = (
    *("agents", "control", "data", "evaluate", "exchange", "language"),
    *("log", "replay", "session", "station", "video"),
)
PACKAGES = ("robot_wm", *(f"robot_wm.{each}" for each in ROOMS))


@pytest.mark.parametrize("package", PACKAGES)
def test_all_that_is_offered_is_there_and_seen_by_type_checkers(package: str) -> None:
    module = import_module(package)
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    for name in module.__all__:
        assert getattr(module, name) is not None
        assert f" import {name} as {name}" in source
    assert len(re.findall(r"^    from \S+ import (\w+) as \1$", source, re.MULTILINE)) == len(module.__all__)
    assert dir(module) == sorted(module.__all__)
    with pytest.raises(AttributeError, match="it offers"):
        _ = module.nothing_of_the_kind


def test_the_front_door_names_what_users_need() -> None:
    import robot_wm as rw

    assert {"make", "open_agent", "run", "load_log", "Arm", "Camera", "Station", "Agent", "WorldModel"} <= set(dir(rw))
    assert (Path(str(rw.__file__)).parent / "py.typed").is_file()


def test_front_doors_import_nothing_heavy() -> None:
    code = "import sys\n" + "".join(f"import {each}\n" for each in PACKAGES)
    code += "heavy = {'av', 'cv2', 'mcap', 'mujoco', 'numpy', 'pyarrow', 'torch'} & {*sys.modules}; assert not heavy"
    subprocess.run([sys.executable, "-c", code], check=True)
