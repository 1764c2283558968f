"""The documentation site: it builds without warnings, and its API page covers the front door."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import robot_wm
from tests.docs.test_docs import ROOT

API = ROOT / "docs" / "api"


def test_the_api_page_lists_every_name_of_the_front_door() -> None:
    page = (API / "robot_wm.md").read_text(encoding="utf-8")
    assert [name for name in robot_wm.__all__ if f"[`{name}`]" not in page] == []


def test_every_package_has_an_api_page() -> None:
    packages = {path.parent.name for path in (ROOT / "robot_wm").glob("*/__init__.py")}
    assert packages - {page.stem for page in API.glob("*.md")} == {"cli", "checkpoints"}  # for the command line alone


@pytest.mark.slow
@pytest.mark.skipif(find_spec("mkdocs") is None, reason="needs the extra `docs`: pip install -e '.[docs]'")
def test_the_site_builds_without_warnings(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "robot_wm.session.run.run" in (tmp_path / "site" / "api" / "session.html").read_text(encoding="utf-8")
