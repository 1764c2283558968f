"""The docs tell the truth: commands parse, snippets run, links lead somewhere, configurations load."""

import argparse
import re
import runpy
import shlex
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import pytest

from hardware.arm.config import SerialArmConfig
from robot_wm.cli.main import verbs
from robot_wm.config import load_config
from robot_wm.exchange.mapping import DatasetMapping
from robot_wm.language.train import LanguageTraining
from robot_wm.planning.mppi import PlannerConfig
from robot_wm.world_model.wam.stages import WAMTraining
from sim.arm_model import ArmConfig
from sim.collect import CollectConfig
from sim.scene_config import SceneConfig

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "robot_wm/checkpoints").glob("*.md")])
CONFIGS: dict[str, type] = {  # by folder, or by folder and name
    "arms": ArmConfig,
    "arms/so101": SerialArmConfig,
    "scenes": SceneConfig,
    "collect": CollectConfig,
    "datasets": DatasetMapping,
    "plan": PlannerConfig,
    "train": WAMTraining,
    "train/language": LanguageTraining,
}


def fences(page: Path, *languages: str) -> list[str]:
    """The code blocks of a page in some languages; "" is a block that names none."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [code for language, code in blocks if language in languages]


def commands() -> list[tuple[str, str]]:
    """Every `robot-wm` command line in the docs, with its page; fenced, or alone between backticks."""
    found = []
    for page in PAGES:
        rows = [
            row
            for block in fences(page, "bash", "sh", "console", "")
            for row in block.replace("\\\n", " ").splitlines()
        ]
        rows += re.findall(r"`(robot-wm [^`]+)`", page.read_text(encoding="utf-8"))
        parts = [part.strip() for row in rows for part in re.split(r"&&|;|\|", row)]
        found += [(page.name, part) for part in parts if part.startswith("robot-wm ")]
    return sorted(set(found))


class Parsed(Exception):
    """Raised in place of doing anything, once the arguments are understood."""


@pytest.mark.parametrize(("page", "command"), commands())
def test_every_command_in_the_docs_parses(monkeypatch: pytest.MonkeyPatch, page: str, command: str) -> None:
    import tyro

    real = tyro.cli

    def parse_only(*args: Any, **kwargs: Any) -> NoReturn:
        real(*args, **kwargs)
        raise Parsed

    monkeypatch.setattr(tyro, "cli", parse_only)
    words = shlex.split(command, comments=True)[1:]
    if words[0].startswith("--") or words[0].isupper():  # robot-wm --help; robot-wm VERB
        return
    assert words[0] in verbs(), f"{page} names a command that does not exist: {command}"
    module = import_module(verbs()[words[0]].module)
    if len(words) == 1 or not hasattr(module, "tyro"):
        return
    with pytest.raises(Parsed):
        module.run(words[1:])


def modules() -> list[tuple[str, str]]:
    """Every module and script of ours that the docs run with Python, with its arguments and its page."""
    ours = re.compile(r"python (?:-m )?((?:robot_wm|benchmarks)[./][^`\n]*)")
    found = []
    for page in (page for page in PAGES if page.name != "log.md"):
        rows = [re.split(r"&&|;|\||  #", row)[0].strip() for row in ours.findall(page.read_text("utf-8"))]
        found += [(page.name, row) for row in rows if "lerobot_reader" not in row]  # that one has packages of its own
    return sorted(set(found))


@pytest.mark.parametrize(("page", "command"), modules())
def test_every_module_in_the_docs_takes_those_arguments(
    monkeypatch: pytest.MonkeyPatch, page: str, command: str
) -> None:
    import tyro

    def then_stop(parse: Callable[..., object]) -> Callable[..., NoReturn]:
        def parse_only(*args: Any, **kwargs: Any) -> NoReturn:
            parse(*args, **kwargs)
            raise Parsed

        return parse_only

    words = shlex.split(command, comments=True)
    file = ROOT / words[0] if words[0].endswith(".py") else ROOT / f"{words[0].replace('.', '/')}.py"
    if "tyro.cli(" not in file.read_text() and "ArgumentParser(" not in file.read_text():
        assert len(words) == 1, f"{page} gives arguments to {words[0]}, which takes none"
        return
    monkeypatch.setattr(tyro, "cli", then_stop(tyro.cli))
    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", then_stop(argparse.ArgumentParser.parse_args))
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(Parsed):
        runpy.run_path(str(file), run_name="__main__")


def test_the_commands_are_found_at_all() -> None:
    assert len(commands()) > 5


@pytest.mark.parametrize(("page", "snippet"), [(page, code) for page in PAGES for code in fences(page, "python")])
def test_every_python_snippet_runs(page: Path, snippet: str, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", snippet], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_link_is_dead(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)|<img[^>]+src=\"([^\"]+)\"", text):
        link = target[0] or target[1]
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        place = page.parent / path if path else page
        assert place.exists(), f"{page.name}: dead link {link}"
        if anchor and place.suffix == ".md":
            assert anchor in anchors(place), f"{page.name}: dead anchor {link}"


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_every_make_word_in_the_docs_exists() -> None:
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        for word in re.findall(r"`make ([a-z]+)`", page.read_text(encoding="utf-8")):
            assert word in known, f"{page.name}: make {word}"


def test_paths_named_in_the_docs_exist() -> None:
    for page in PAGES:
        for path in re.findall(r"`((?:robot_wm|sim|configs|tests|benchmarks|docs)/[\w./-]*)`", page.read_text("utf-8")):
            assert (ROOT / path).exists(), f"{page.name}: {path}"


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 170


@pytest.mark.parametrize(
    "path", sorted((ROOT / "configs").rglob("*.yaml")), ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_every_configuration_loads(path: Path) -> None:
    kind = CONFIGS.get(f"{path.parent.name}/{path.stem}", CONFIGS.get(path.parent.name))
    assert kind is not None, f"say in {Path(__file__).name} which class configs/{path.parent.name} is read into"
    load_config(kind, path)
