"""No import cycles, neither among modules nor among the sub-packages of a package; imports in functions count.

Imports under `if TYPE_CHECKING:` do not run and do not count. `from package import name` is an import of the submodule
where there is one, and otherwise of the package's `__init__`, which stands for all that it re-exports.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("robot_wm", "sim", "hardware")
Graph = dict[str, set[str]]


class _Imports(ast.NodeVisitor):
    """Collects (module, name or "") of every import that can run."""

    def __init__(self, package: str) -> None:
        self.package = package
        self.found: list[tuple[str, str]] = []

    def visit_Import(self, node: ast.Import) -> None:
        self.found += [(alias.name, "") for alias in node.names]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        parents = self.package.split(".")
        base = ".".join(parents[: len(parents) - node.level + 1]) if node.level else ""
        module = ".".join(part for part in (base, node.module or "") if part)
        self.found += [(module, alias.name) for alias in node.names]

    def visit_If(self, node: ast.If) -> None:
        is_type_checking = "TYPE_CHECKING" in ast.unparse(node.test)
        for child in node.orelse if is_type_checking else [*node.body, *node.orelse]:
            self.visit(child)


def modules(root: Path, package: str) -> dict[str, Path]:
    """Return the modules of a package by dotted name."""
    paths = sorted((root / package).rglob("*.py"))
    names = [".".join(path.relative_to(root).with_suffix("").parts) for path in paths]
    return {name.removesuffix(".__init__"): path for name, path in zip(names, paths, strict=True)}


def import_graph(sources: Mapping[str, Path]) -> Graph:
    """Return module -> the modules of `sources` that it imports."""
    graph: Graph = {}
    for name, path in sources.items():
        imports = _Imports(name if path.name == "__init__.py" else name.rpartition(".")[0])
        imports.visit(ast.parse(path.read_text(encoding="utf-8")))
        targets = {full if (full := f"{module}.{each}") in sources else module for module, each in imports.found}
        graph[name] = {target for target in targets if target in sources and target != name}
    return graph


def by_sub_package(graph: Graph, package: str) -> Graph:
    """Merge the modules of each sub-package into one node; the package's own `__init__` is a node of its own."""

    def node(module: str) -> str:
        return ".".join(module.split(".")[:2]) if module != package else f"{package}.__init__"

    merged: Graph = {}
    for module, targets in graph.items():
        merged.setdefault(node(module), set()).update(
            node(target) for target in targets if node(target) != node(module)
        )
    return merged


def cycles(graph: Graph) -> Iterator[list[str]]:
    """Yield the strongly connected components with more than one node (Tarjan, SIAM J. Comput. 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []

    def connect(node: str) -> Iterator[list[str]]:
        index[node] = low[node] = len(index)
        stack.append(node)
        for target in sorted(graph.get(node, ())):
            if target not in index:
                yield from connect(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            component = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(component) > 1:
                yield sorted(component)

    for node in sorted(graph):
        if node not in index:
            yield from connect(node)


def all_cycles(package: str) -> list[list[str]]:
    graph = import_graph(modules(ROOT, package))
    return [*cycles(graph), *cycles(by_sub_package(graph, package))]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_has_no_import_cycles(package: str) -> None:
    assert all_cycles(package) == []


def test_cycles_through_functions_are_found_and_type_checking_is_not(tmp_path: Path) -> None:
    (tmp_path / "p" / "sub").mkdir(parents=True)
    files = {
        "__init__.py": "",
        "a.py": "def f():\n    from p import b\n",
        "b.py": "from p.a import f\n",
        "c.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from p.d import D\n",
        "d.py": "from . import c\n",
        "sub/__init__.py": "from .x import X\n",
        "sub/x.py": "from ..d import D\n",
    }
    for name, text in files.items():
        (tmp_path / "p" / name).write_text(text)
    graph = import_graph(modules(tmp_path, "p"))
    assert list(cycles(graph)) == [["p.a", "p.b"]]
    assert graph["p.d"] == {"p.c"} and graph["p.sub.x"] == {"p.d"} and graph["p.sub"] == {"p.sub.x"}
