"""The public names of the package: written out, all there, and loaded only when they are used."""

import subprocess
import sys

import pytest

import passmuster

HEAVY = (
    "numpy",
    "scipy",
    "sklearn",
    "sqlalchemy",
    "alembic",
    "aiohttp",
    "pydantic",
    "jinja2",
    "pandas",
    "rich",
)


def test_the_names_are_sorted_and_stand_once() -> None:
    assert sorted(set(passmuster.__all__)) == passmuster.__all__


@pytest.mark.parametrize("name", passmuster.__all__)
def test_a_public_name_can_be_imported(name: str) -> None:
    assert getattr(passmuster, name) is not None
    assert name in dir(passmuster)


@pytest.mark.parametrize("name", [name for name in passmuster.__all__ if name != "__version__"])
def test_a_public_name_says_what_it_is(name: str) -> None:
    assert getattr(passmuster, name).__doc__


def test_nothing_else_can_be_imported() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = passmuster.no_such_name


def test_importing_the_package_loads_next_to_nothing() -> None:
    program = "import sys, passmuster; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert not set(HEAVY) & set(result.stdout.split())
