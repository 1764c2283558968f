"""The command line itself: what it lists, how fast, and what it exits with."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from robot_wm.cli import main as cli
from robot_wm.errors import ConfigError, DeviceError, RefusedError


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch):
    """A verb `do` whose run is what the test says."""

    def make(run) -> None:
        monkeypatch.setattr(cli, "verbs", lambda: {"do": cli.Verb("do", "nowhere", "Does.")})
        monkeypatch.setattr(cli, "import_module", lambda name: SimpleNamespace(run=run))

    return make


def raising(error: BaseException):
    def run(args: list[str]) -> int:
        raise error

    return run


def test_help_lists_the_verbs_that_exist_with_their_summaries(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    text = capsys.readouterr().out
    for verb in cli.verbs().values():
        assert f"  {verb.name:<9} {verb.summary}" in text
        assert verb.summary.endswith((".", "?"))
    assert "doctor" in cli.verbs()
    assert "main" not in cli.verbs()


def test_every_verb_imports_and_has_run() -> None:
    from importlib import import_module

    for verb in cli.verbs().values():
        assert callable(import_module(verb.module).run), verb


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    code = (
        "import sys, time; from robot_wm.cli.main import main; main(['--help']);"
        "heavy = {'torch', 'mujoco', 'numpy', 'rich', 'tyro', 'yaml'} & set(sys.modules); assert not heavy, heavy;"
        "print(time.process_time())"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert float(done.stdout.splitlines()[-1]) < 0.5  # of the processor, so that a busy machine is no failure


def test_version_and_bare_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("robot-wm ")
    assert cli.main([]) == 2


def test_an_unknown_verb_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["docter"]) == 2
    assert "Did you mean 'doctor'?" in capsys.readouterr().err


def test_the_arguments_reach_the_verb_and_its_status_comes_back(verb) -> None:
    seen: list[list[str]] = []
    verb(lambda args: seen.append(args) or 3)
    assert cli.main(["do", "lift it", "--seed", "1", "--debug"]) == 3
    assert seen == [["lift it", "--seed", "1"]]


@pytest.mark.parametrize(
    ("error", "status"),
    [(ConfigError("bad"), 2), (RefusedError("no"), 4), (DeviceError("gone"), 5), (KeyboardInterrupt(), 130)],
)
def test_errors_are_one_line_and_an_exit_status(verb, capsys, error: BaseException, status: int) -> None:
    verb(raising(error))
    assert cli.main(["do"]) == status
    captured = capsys.readouterr()
    assert captured.err.startswith("robot-wm: ")
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_what_nobody_foresaw_says_how_to_see_more(verb, capsys) -> None:
    verb(raising(ZeroDivisionError("two\nlines")))
    assert cli.main(["do"]) == 1
    expected = "robot-wm: internal error: ZeroDivisionError: two lines; rerun with --debug for the traceback\n"
    assert capsys.readouterr().err == expected


def test_debug_lets_the_traceback_through(verb) -> None:
    verb(raising(ConfigError("bad")))
    with pytest.raises(ConfigError):
        cli.main(["do", "--debug"])


def test_the_installed_script_is_this_one() -> None:
    script = Path(sys.executable).parent / "robot-wm"
    if not script.exists():
        pytest.skip("robot-wm is not installed in this environment")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("robot-wm ")
