"""The gate as OpenMetrics text: read by the grammar, what is not known has no sample, and labels stay the same."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.report.gate_sample import BLOCKED, FLIPS, LINES, MODES, SLICES, at, hostile, huge

from passmuster.records.gate import GateReport
from passmuster.report.github import step_outputs
from passmuster.report.openmetrics import gate_metrics

NAME = r"[a-zA-Z_][a-zA-Z0-9_]*"
LABEL = rf'{NAME}="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})\{{({LABEL}(?:,{LABEL})*)\}} (-?\d[\d.e+-]*)")
META = re.compile(rf"# (TYPE|UNIT|HELP) ({NAME}) (.+)")


def samples(report: GateReport) -> dict[str, float]:
    """Return the samples of a text that keeps to the grammar of OpenMetrics 1.0 for gauges and statesets."""
    text = gate_metrics(report)
    assert text.endswith("# EOF\n")
    found: dict[str, float] = {}
    family, seen = "", []
    for line in text.splitlines()[:-1]:
        meta = META.fullmatch(line)
        if meta is not None:
            if meta[1] == "TYPE":
                family = meta[2]
                assert family not in seen, "a family stands in one piece"
                seen.append(family)
            assert meta[2] == family
            assert meta[1] != "UNIT" or family.endswith(f"_{meta[3]}")
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample is not None, line
        assert sample[1] == family
        key = line.rpartition(" ")[0]
        assert key not in found, "a sample stands once"
        found[key] = float(sample[3])
    return found


@pytest.mark.parametrize(
    "report", [BLOCKED, at("pass"), hostile(), huge()], ids=["blocked", "pass", "hostile", "huge"]
)
def test_every_line_keeps_to_the_grammar(report: GateReport) -> None:
    assert samples(report)


def test_what_was_not_asked_again_is_no_zero() -> None:
    open_flip = replace(FLIPS[1], asked=0, regressed=None)
    text = gate_metrics(replace(BLOCKED, flips=(open_flip,), modes=MODES[2:]))
    assert "passmuster_gate_regressed_cases" not in text
    assert "passmuster_gate_failed_regression_cases" not in text
    assert "regressed=\n" in step_outputs(replace(BLOCKED, flips=(open_flip,)))
    known = gate_metrics(replace(BLOCKED, modes=MODES[:2]))
    assert 'passmuster_gate_regressed_cases{task="complaints"} 2\n' in known
    assert 'passmuster_gate_failed_regression_cases{task="complaints"} 2\n' in known
    assert "passmuster_gate_failed_regression_cases" not in gate_metrics(replace(BLOCKED, modes=()))


def test_one_level_is_true() -> None:
    found = {key: value for key, value in samples(BLOCKED).items() if key.startswith("passmuster_gate_level")}
    assert len(found) == 5
    assert [key for key, value in found.items() if value == 1] == [
        'passmuster_gate_level{task="complaints",passmuster_gate_level="block"}'
    ]


def test_figures_have_their_value_and_what_is_not_known_has_none() -> None:
    found = samples(BLOCKED)
    row = 'task="complaints",kind="quality",figure="exact_match"'
    assert found[f'passmuster_gate_figure{{{row},side="old"}}'] == 0.742
    assert found[f'passmuster_gate_change{{{row},bound="low"}}'] == pytest.approx(-0.081)
    assert found['passmuster_gate_baseline_age_seconds{task="complaints"}'] == pytest.approx(12.3 * 86_400)
    cost = [key for key in found if 'figure="cost_per_task"' in key and 'side="new"' in key]
    assert cost == []


def test_labels_say_nothing_that_changes_from_run_to_run() -> None:
    later = replace(
        BLOCKED,
        generated="2027-01-01T00:00:00Z",
        old=replace(BLOCKED.old, digest="another", path="another.json"),
        new=replace(BLOCKED.new, name="another"),
        lines=tuple(replace(each, reason="another", new=replace(each.new, value=0.1)) for each in LINES[:6])
        + LINES[6:],
    )
    assert samples(later).keys() == samples(BLOCKED).keys()


def test_two_long_slices_that_begin_alike_are_two() -> None:
    long = [replace(SLICES[1], slice="s" * 300 + end) for end in "ab"]
    found = samples(replace(BLOCKED, slices=tuple(long), lines=()))
    assert len([key for key in found if key.startswith("passmuster_gate_change{")]) == 6


def test_a_row_for_sanity_has_figures_and_no_level() -> None:
    shown = replace(BLOCKED, lines=(replace(LINES[0], sanity=True, level="pass"),), slices=())
    found = samples(shown)
    assert any("passmuster_gate_figure" in key for key in found)
    assert not any("passmuster_gate_line_level" in key for key in found)


def test_every_family_and_label_stands_on_the_page() -> None:
    page = (Path(__file__).parents[3] / "docs" / "gate-in-ci.md").read_text(encoding="utf-8")
    text = gate_metrics(BLOCKED)
    families = re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)
    labels = set(re.findall(r"[{,]([a-z_]+)=", text))
    assert len(families) >= 9
    assert [name for name in (*families, *labels) if f"`{name}`" not in page] == []
