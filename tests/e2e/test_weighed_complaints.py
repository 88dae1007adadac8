"""`examples/complaints/weighed.yaml`: the figures of docs/choice.md, through the installed command."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMAND = Path(sys.executable).parent / "passmuster"
ROOT = Path(__file__).parents[2]
FLASH, LITE = "gemini-2.0-flash", "gemini-2.0-flash-lite"

pytestmark = [pytest.mark.data, pytest.mark.slow]


@pytest.fixture(scope="module")
def choice(tmp_path_factory: pytest.TempPathFactory, data_folder: Path) -> dict[str, Any]:
    """Run and compare the example in a folder of its own."""
    hidden = shutil.ignore_patterns(".*")
    example = shutil.copytree(
        ROOT / "examples/complaints", tmp_path_factory.mktemp("weighed") / "e", ignore=hidden
    )
    environment = {**os.environ, "PASSMUSTER_DATA": str(data_folder)}
    project = ["--project", str(example / "weighed.yaml")]
    subprocess.run([COMMAND, "run", *project], env=environment, capture_output=True, check=True)
    told = subprocess.run(
        [COMMAND, "compare", *project, "--json"], env=environment, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(told.stdout)
    assert found["decision"]["chosen"] == LITE
    return {"page": (ROOT / "docs/choice.md").read_text(encoding="utf-8"), **found["choice"]}


def test_by_weight_another_wins_than_the_cheapest_and_the_two_are_within_noise(
    choice: dict[str, Any],
) -> None:
    weighing = choice["weighing"]
    rows = {row["name"]: row for row in weighing["ranking"]}
    assert (weighing["best"], weighing["ties"]) == (FLASH, [LITE])
    assert [rows[name]["place"] for name in (FLASH, LITE, "gemini-1.5-pro")] == [1, 2, 3]
    assert sum(row["place"] is not None for row in rows.values()) == 3
    assert rows["gpt-o1"]["unknown"] == ["cost_per_success"]
    assert sum(row["share"] or 0 for row in rows.values()) == pytest.approx(1.0)
    for figure in (
        f"{rows[FLASH]['value']:.2f} of 1",
        f"within noise of it ({rows[LITE]['value']:.2f})",
        f"{rows[FLASH]['first']:.0%} of resamples",
        f"wins in {rows[FLASH]['share']:.0%} of",
        f"in {rows[FLASH]['clear']:.0%} only by more than noise",
    ):
        assert figure in " ".join(choice["page"].split())


def test_both_are_on_the_front(choice: dict[str, Any]) -> None:
    places = {place["name"]: place for place in choice["front"]}
    for name in (FLASH, LITE):
        assert places[name]["on"]
        assert places[name]["share"] >= 0.999
    assert not places["gpt-4o-mini"]["on"]


def test_what_would_change_the_decision_is_what_the_docs_say(choice: dict[str, Any]) -> None:
    points = {(point["what"], point["of"]): point for point in choice["turning"]}
    assert f"if it cost {1 - points['price', FLASH]['at']:.0%} less" in " ".join(choice["page"].split())
    assert points["price", LITE]["chosen"] == FLASH
    loss = points["loss", None]
    assert (loss["chosen"], f"${loss['at']:.3g}") == (FLASH, "$0.000204")
    assert "$0.000204" in choice["page"]
