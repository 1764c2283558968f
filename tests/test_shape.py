"""The shape of the code: functions stay short, and a file that is long says why in its header."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("robot_wm", "sim", "hardware")
FUNCTION_MAX, FILE_MAX = 40, 300  # lines
LONG_FILES: tuple[str, ...] = ()  # files over FILE_MAX, whose header gives the reason ("long because ...")


def _sources() -> list[Path]:
    return [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("folder", FOLDERS)
def test_functions_are_short(folder: str) -> None:
    long = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_MAX:
                    long.append(f"{path.relative_to(ROOT)}: {node.name} has {lines} lines")
    assert not long, f"split functions of more than {FUNCTION_MAX} lines: {long}"


def test_files_are_short_or_say_why_not() -> None:
    long = {}
    for path in _sources():
        text = path.read_text(encoding="utf-8")
        if len(text.splitlines()) > FILE_MAX:
            long[str(path.relative_to(ROOT))] = ast.get_docstring(ast.parse(text)) or ""
    assert sorted(long) == sorted(LONG_FILES), f"split files of more than {FILE_MAX} lines"
    for name, header in long.items():
        assert "long because" in header.lower(), f"{name} must give the reason for its length in its header"
