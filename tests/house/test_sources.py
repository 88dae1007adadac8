"""The form of the source: small files, small functions, docstrings, plain names."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "passmuster"
TEMPLATES = SOURCE / "project" / "templates"
MODULES = sorted(path for path in SOURCE.rglob("*.py") if TEMPLATES not in path.parents)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "common", "base", "misc", "core"}

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def test_there_are_modules_to_look_at() -> None:
    assert len(MODULES) > 10


@pytest.mark.parametrize("path", MODULES + TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", MODULES + TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_function_has_at_most_40_lines_without_its_docstring(path: Path) -> None:
    tree = ast.parse(path.read_text())
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]

    assert [f"{node.name}: {_lines(node)} lines" for node in functions if _lines(node) > 40] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_and_its_public_names_have_docstrings(path: Path) -> None:
    tree = ast.parse(path.read_text())
    missing = [node.name for node in _public(tree.body) if not ast.get_docstring(node)]

    assert path.name == "__init__.py" or ast.get_docstring(tree), "the module has no docstring"
    assert missing == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_is_named_after_what_it_holds(path: Path) -> None:
    names = {path.stem, *path.relative_to(SOURCE).parts[:-1]}

    assert not names & EMPTY_NAMES


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert function.end_lineno is not None
    lines = function.end_lineno - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None and first.end_lineno is not None:
        lines -= first.end_lineno - first.lineno + 1
    return lines


def _public(body: list[ast.stmt]) -> Iterator[Definition]:
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body)
