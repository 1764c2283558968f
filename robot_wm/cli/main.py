"""The `robot-wm` command: finds the verb, imports that one file only, and turns errors into exit statuses.

A verb is a file in this folder with a one-line docstring and a function `run(args: list[str]) -> int`; `do_.py` is
the verb `do`. Files that lack `run` are shared pieces. Verbs of other packages come by entry point, in the group
`robot_wm.commands`, as `module:function`. Finding them imports none of them, so help is quick.
"""

import ast
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

from robot_wm.errors import RobotWMError, UnknownNameError
from robot_wm.version import __version__

INTERNAL_ERROR = 1
COMMANDS = "robot_wm.commands"  # the group of entry points
INTERRUPTED = 130  # 128 + SIGINT, as shells count
_ORDER = ("do", "collect", "train", "eval", "imagine", "record", "replay", "logs", "dataset", "arm", "serve", "doctor")


@dataclass(frozen=True)
class Verb:
    """One word of the command line."""

    name: str
    module: str  # to import
    summary: str
    function: str = "run"  # of that module


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; the exit status of the process."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    try:
        return _dispatch([word for word in words if word != "--debug"])
    except KeyboardInterrupt:
        print("robot-wm: interrupted", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        if debug:
            raise
        return _explain(error)


def verbs() -> dict[str, Verb]:
    """Every verb there is, in the order a newcomer meets them, found without importing any."""
    found = [_verb(path) for path in sorted(Path(__file__).parent.glob("[!_]*.py"))]
    found += [_offered(point) for point in entry_points(group=COMMANDS)]
    known = {verb.name: verb for verb in found if verb is not None}
    return dict(sorted(known.items(), key=lambda item: (_ORDER.index(item[0]) if item[0] in _ORDER else 99, item[0])))


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(_help())
        return 0 if words else RobotWMError.exit_status
    if words[0] == "--version":
        print(f"robot-wm {__version__}")
        return 0
    known = verbs()
    if words[0] not in known:
        raise UnknownNameError("command", words[0], known, "See: robot-wm --help")
    verb = known[words[0]]
    return int(getattr(import_module(verb.module), verb.function)(words[1:]) or 0)


def _verb(path: Path) -> Verb | None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not any(isinstance(node, ast.FunctionDef) and node.name == "run" for node in tree.body):
        return None
    return Verb(path.stem.strip("_").replace("_", "-"), f"robot_wm.cli.{path.stem}", _summary(tree))


def _offered(point: EntryPoint) -> Verb | None:
    """A verb that another package offers; None where its module is not there."""
    spec = find_spec(point.module)
    if spec is None or spec.origin is None:
        return None
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    return Verb(point.name, point.module, _summary(tree), point.attr)


def _summary(tree: ast.Module) -> str:
    return (ast.get_docstring(tree) or "").partition("\n")[0]


def _help() -> str:
    lines = [f"  {verb.name:<9} {verb.summary}" for verb in verbs().values()]
    return "\n".join(
        [
            "usage: robot-wm COMMAND [OPTIONS]",
            "",
            "Say what you want, and the arm does it.",
            "",
            *lines,
            "",
            "robot-wm COMMAND --help: what a command takes. --version: the version. --debug: errors with traceback.",
            "Exit status: 0 done, 2 bad usage, 3 tried and not achieved, 4 refused, 5 device fault, 130 interrupted.",
        ]
    )


def _explain(error: Exception) -> int:
    """One line on stderr, and the exit status that goes with the error."""
    if isinstance(error, RobotWMError):
        print(f"robot-wm: {error}", file=sys.stderr)
        return error.exit_status
    words = " ".join(str(error).split())
    print(
        f"robot-wm: internal error: {type(error).__name__}: {words}; repeat with --debug to see where", file=sys.stderr
    )
    return INTERNAL_ERROR


if __name__ == "__main__":
    sys.exit(main())
