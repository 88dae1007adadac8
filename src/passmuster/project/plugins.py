"""Python that a project file names: `path.py:function`, from inside the project folder only.

It runs as the user who runs passmuster, with all that user's rights: a project folder is as trusted as a
Makefile. The only module that imports by name.
"""

import importlib.util
import sys
import traceback
from collections.abc import Callable
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
    """Return the function that `path.py:function` names.

    Args:
        reference: The path, relative to `folder`, and the function's name.
        folder: The project folder; nothing outside it is loaded.
        place: Where the reference stands, for errors.

    Raises:
        ConfigurationError: for a path outside the folder, a missing file or function, or a file that fails.
    """
    name, _, function = reference.rpartition(":")
    path = _inside(name, folder, place)
    module = _execute(path, place)
    found = getattr(module, function, None)
    if not callable(found):
        names = [key for key, value in vars(module).items() if callable(value) and not key.startswith("_")]
        raise ConfigurationError(
            f"{name} has no function {function!r}", place=place, hint=closest(function, names)
        )
    return found  # type: ignore[no-any-return]  # whatever the user's file holds


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
    name = f"passmuster_plugin_{path.stem}_{abs(hash(path)):x}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ConfigurationError(f"{path.name} is no Python file", place=place)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise ConfigurationError(_told(error, path), place=place) from error
    return module


def _told(error: Exception, path: Path) -> str:
    line = error.lineno if isinstance(error, SyntaxError) else None
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename == str(path):
            line = frame.lineno
    at = f"{path.name}:{line}" if line else path.name
    return f"{at} cannot be loaded: {type(error).__name__}: {error}"
