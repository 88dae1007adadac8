"""Each import contract of pyproject.toml is alive: a planted violation breaks it, and nothing else."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = "One-way layers"
CYCLES = "No cycles at any depth"
PURE = "The core is pure"
REPORT = "A report computes nothing"
ADAPTERS = "Only the project opens adapters"
APART = "Adapters do not know one another"


class Plant(NamedTuple):
    """A module to add, its text, and the contracts that it must break."""

    path: str
    text: str
    breaks: set[str]


PLANTS = {
    "a part that no layer names": Plant("utils.py", "", {LAYERS}),
    "the runner takes from the report beside it": Plant(
        "runner/planted.py", "import passmuster.report.planted\n", {LAYERS}
    ),
    "a type-checking import upwards": Plant(
        "stats/planted.py",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import passmuster.report.planted\n",
        {LAYERS},
    ),
    "a public name of the package, taken from below": Plant(
        "stats/planted.py", "from passmuster import compare\n", {LAYERS, PURE}
    ),
    "two modules that import each other": Plant(
        "stats/planted.py", "import passmuster.stats.other\n", {CYCLES}
    ),
    "randomness in the statistics": Plant("stats/planted.py", "import random\n", {PURE}),
    "the environment in a metric": Plant("metrics/planted.py", "import os\n", {PURE}),
    "a report that computes": Plant("report/planted.py", "import passmuster.stats.planted\n", {REPORT}),
    "a report with numpy": Plant("report/planted.py", "import numpy\n", {REPORT}),
    "a workflow that opens an adapter": Plant(
        "workflows/planted.py", "import passmuster.adapters.ingest.planted\n", {ADAPTERS}
    ),
    "the command line opens an adapter": Plant(
        "cli/planted.py", "import passmuster.adapters.ingest.planted\n", {ADAPTERS}
    ),
    "an adapter that knows another": Plant(
        "adapters/ingest/planted.py", "import passmuster.adapters.export.planted\n", {APART}
    ),
}


@pytest.fixture(scope="module")
def clean_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the source and the contracts once."""
    folder = tmp_path_factory.mktemp("contracts")
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__", "templates"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_the_source_keeps_every_contract(clean_copy: Path) -> None:
    assert broken_contracts(clean_copy) == set()


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS.keys())
def test_a_planted_violation_breaks_exactly_its_contract(
    clean_copy: Path, tmp_path: Path, plant: Plant
) -> None:
    shutil.copytree(clean_copy, tmp_path / "copy")
    package = tmp_path / "copy" / "src" / "passmuster"
    for target in ("report", "decide", "stats", "adapters/ingest", "adapters/export"):
        (package / target / "planted.py").write_text("")
    (package / "stats" / "other.py").write_text("import passmuster.stats.planted\n")
    if plant.path != "stats/planted.py" or plant.breaks != {CYCLES}:
        (package / "stats" / "other.py").unlink()
    (package / plant.path).write_text(plant.text)

    assert broken_contracts(tmp_path / "copy") == plant.breaks


def test_every_contract_has_a_plant() -> None:
    contracts = set(
        re.findall(r'\[\[tool\.importlinter\.contracts\]\]\nname = "([^"]+)"', _read("pyproject.toml"))
    )

    assert contracts == set().union(*(plant.breaks for plant in PLANTS.values()))


def broken_contracts(folder: Path) -> set[str]:
    """Run the linter over the copy and return the names of the contracts that it finds broken."""
    result = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts:" in result.stdout, result.stdout + result.stderr
    return set(re.findall(r"^(.+?) BROKEN", result.stdout, flags=re.MULTILINE))


def _read(name: str) -> str:
    return (ROOT / name).read_text()
