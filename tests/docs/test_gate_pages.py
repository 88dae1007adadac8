"""The pages of the gate and of the baseline name every field of what is printed, written and configured."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from passmuster.project.gate_settings import GateSettings
from passmuster.records.gate import Flip, GateLine, GateReport, GateSide, ModeCheck, NoiseFloor
from passmuster.records.record import Record
from passmuster.records.reference import FrozenMetric, FrozenTrial, Reference

DOCS = Path(__file__).parents[2] / "docs"


def named(*records: type[Record]) -> Iterator[str]:
    for record in records:
        yield from (each.name for each in fields(record))  # type: ignore[arg-type]  # records are dataclasses


@pytest.mark.parametrize(
    "field", sorted(set(named(GateReport, GateSide, GateLine, Flip, NoiseFloor, ModeCheck, GateSettings)))
)
def test_what_the_gate_prints_and_takes_is_on_its_page(field: str) -> None:
    assert f"`{field}`" in (DOCS / "gate.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("field", sorted(set(named(Reference, FrozenTrial, FrozenMetric))))
def test_what_a_baseline_holds_is_on_its_page(field: str) -> None:
    assert f"`{field}`" in (DOCS / "baseline.md").read_text(encoding="utf-8")
