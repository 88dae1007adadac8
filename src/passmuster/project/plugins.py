"""Python that a project file names: `path.py:name` from inside the project folder, or what a package announces.

It runs as the user who runs passmuster, with all that user's rights: a project folder is as trusted as a
Makefile, and a package as trusted as whoever installed it. The only module that imports by name.
"""

import ast
import importlib.util
import sys
import traceback
from collections.abc import Callable
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

from passmuster.errors import ConfigurationError, Place
from passmuster.project.validate import closest


def is_plugin(kind: str) -> bool:
    """Return whether this names a function in a file.

    Example:
        >>> is_plugin("eval/metrics/mine.py:score"), is_plugin("exact_match")
        (True, False)
    """
    return ".py:" in kind


def load_function(reference: str, folder: Path, place: Place) -> Callable[..., Any]:
    """Return the function, class or metric that `path.py:name` names.

    Args:
        reference: The path, relative to `folder`, and the name in that file.
        folder: The project folder; nothing outside it is loaded.
        place: Where the reference stands, for errors.

    Raises:
        ConfigurationError: for a path outside the folder, a missing file or function, or a file that fails.
    """
    name, _, function = reference.rpartition(":")
    path = _inside(name, folder, place)
    module = _execute(path, place)
    found = getattr(module, function, None)
    if not callable(found) and not hasattr(found, "score"):
        names = [key for key, value in vars(module).items() if callable(value) and not key.startswith("_")]
        raise ConfigurationError(
            f"{name} has no function {function!r}", place=place, hint=closest(function, names)
        )
    return found  # type: ignore[no-any-return]  # whatever the user's file holds


def names_in(folder: Path, within: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the public functions and classes of the Python files in some folders of a project.

    The files are read, not run; one that cannot be read as Python has none.

    Args:
        folder: The project folder.
        within: Folders in it, by their relative paths; they need not exist.

    Returns:
        For each name every `path.py:name`, in the order of the folders and files.

    Example:
        >>> names_in(Path("/nowhere"), ("metrics",))
        {}
    """
    found: dict[str, list[str]] = {}
    for place in within:
        for path in sorted((folder / place).glob("*.py")):
            for name in _defined(path):
                found.setdefault(name, []).append(f"{place}/{path.name}:{name}")
    return found


def _defined(path: Path) -> list[str]:
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    kinds = (ast.FunctionDef, ast.ClassDef)
    return [each.name for each in tree.body if isinstance(each, kinds) and not each.name.startswith("_")]


def announced(group: str) -> dict[str, list[metadata.EntryPoint]]:
    """Return what installed packages announce under an entry-point group, by name.

    Example:
        >>> announced("passmuster.nothing")
        {}
    """
    found: dict[str, list[metadata.EntryPoint]] = {}
    for point in metadata.entry_points(group=group):
        if point not in found.setdefault(point.name, []):
            found[point.name].append(point)
    return found


def load_announced(point: metadata.EntryPoint, place: Place) -> Any:
    """Return the object that a package announces.

    Raises:
        ConfigurationError: where it cannot be loaded.
    """
    try:
        return point.load()
    except (Exception, SystemExit) as error:
        package = "a package" if point.dist is None else f"the package {point.dist.name}"
        told = f"{point.name!r} of {package} cannot be loaded: {type(error).__name__}: {error}"
        raise ConfigurationError(told, place=place, hint=f"it announces {point.value}") from error


def _inside(name: str, folder: Path, place: Place) -> Path:
    root = folder.resolve()
    try:
        path = (root / name).resolve()
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{name!r} is no path: {error}", place=place) from None
    if not path.is_relative_to(root):
        raise ConfigurationError(
            f"{name} lies outside the project folder {root}",
            place=place,
            hint="Python is loaded only from inside the project folder.",
        )
    if not path.is_file():
        raise ConfigurationError(f"the file {name!r} does not exist (looked in {root})", place=place)
    return path


def _execute(path: Path, place: Place) -> object:
    # The same in every process, so that what is defined there can be sent from one to another.
    name = f"passmuster_plugin_{path.stem}_{sha256(str(path).encode()).hexdigest()[:16]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ConfigurationError(f"{path.name} is no Python file", place=place)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise ConfigurationError(_told(error, path), place=place) from error
    return module


def _told(error: BaseException, path: Path) -> str:
    line = error.lineno if isinstance(error, SyntaxError) else None
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename == str(path):
            line = frame.lineno
    at = f"{path.name}:{line}" if line else path.name
    return f"{at} cannot be loaded: {type(error).__name__}: {error}"
