"""How far metrics agree with people, computed again, and the page that shows it is up to date."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.data]

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "benchmarks" / "agreement_with_people.py"
PAGE = ROOT / "docs" / "judge" / "agreement.md"


@pytest.fixture(scope="module")
def program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("agreement_with_people", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # named tuples look their module up
    spec.loader.exec_module(module)
    return module


def test_the_page_holds_every_line_that_the_program_prints(data_folder: Path) -> None:
    command = [sys.executable, str(PROGRAM), str(data_folder)]
    printed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    shown = PAGE.read_text(encoding="utf-8").splitlines()
    missing = [line for line in printed.splitlines() if line and line not in shown]
    assert missing == []
    assert len(printed.splitlines()) > 60


def test_a_correlation_over_two_sources_is_none_within_one(program: ModuleType, data_folder: Path) -> None:
    tables = program.frank(data_folder)
    whole = tables["scores"]["QAGS"]["Pearson"]
    cnndm, bbc = (tables[f"scores, {name} alone"]["QAGS"]["Pearson"] for name in ("cnndm", "bbc"))
    assert whole.low > 0.5
    assert cnndm.high < 0.4
    assert bbc.low < 0 < bbc.high
    assert whole.n == cnndm.n + bbc.n == 2246


def test_the_sets_are_whole(program: ModuleType, data_folder: Path) -> None:
    assert program.halueval(data_folder)["verdicts"]["answers without a hedge"]["raw agreement"].n == 4507
    useful = program.alce(data_folder)
    assert useful["scores"]["automatic correctness"]["Spearman"].n == 800
    assert useful["scores"]["automatic correctness"]["Spearman"].low > 0.2
    assert program.tofueval(data_folder)["scores"]["length"]["Pearson"].n == 1777
