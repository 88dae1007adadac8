"""The sample comparison and its cases, as fixtures."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from passmuster.records.comparison import CaseEvidence, Comparison


def load(name: str) -> ModuleType:
    """Load a module that lies beside the tests; test folders are no packages."""
    unique = f"report_{name}"
    if unique not in sys.modules:
        spec = importlib.util.spec_from_file_location(unique, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[unique] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[unique]


@pytest.fixture(scope="session")
def state() -> Callable[[str], Comparison]:
    """Return the sample in a state: decided, none, undecided, tie or apart."""

    def build(name: str) -> Comparison:
        sample = load("sample")
        made: Comparison = (
            load("sample_apart").apart(sample.decided()) if name == "apart" else getattr(sample, name)()
        )
        return made

    return build


@pytest.fixture(scope="session")
def decided(state: Callable[[str], Comparison]) -> Comparison:
    return state("decided")


@pytest.fixture(scope="session")
def evidence() -> tuple[CaseEvidence, ...]:
    made: tuple[CaseEvidence, ...] = load("sample_cases").evidence()
    return made
