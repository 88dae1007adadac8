"""The key `escalation`: what is said, what is usual, and every slip with its place."""

from collections.abc import Callable

import pytest

from passmuster.project.load import Project
from passmuster.records.escalation import EscalationPolicy, Signal

Slip = Callable[..., str]
Load = Callable[..., Project]
BAR = "  exact_match: {at_least: 70 %}\n"


def loaded(project: Load, text: str) -> EscalationPolicy:
    return project(BAR, f"{BAR}escalation:\n{text}").task.escalation


def test_without_a_word_it_is_five_percent_all_signals_and_a_person(project: Load) -> None:
    assert project().task.escalation == EscalationPolicy(target=0.05, delta=0.10)


def test_all_that_can_be_said(project: Load) -> None:
    found = loaded(
        project,
        "  target: 2 %\n  delta: 5 %\n  to: recorded\n  minutes: 90 s\n  hourly: 40 USD\n  signals:\n"
        "    confidence:\n    votes: self_consistency\n    short: {kind: length}\n    long: {kind: length, reverse: false}\n"
        "    second: {kind: agreement, of: always}\n    judged: {kind: metric, of: exact_match}\n"
        "    said: {kind: stated, json_path: $.sure, levels: [low, high]}\n",
    )
    assert (found.target, found.delta, found.to, found.minutes, found.hourly) == (
        0.02,
        0.05,
        "recorded",
        1.5,
        40.0,
    )
    assert found.signals == (
        Signal(name="confidence", kind="confidence"),
        Signal(name="votes", kind="self_consistency"),
        Signal(name="short", kind="length", reverse=True),
        Signal(name="long", kind="length"),
        Signal(name="second", kind="agreement", of="always"),
        Signal(name="judged", kind="metric", of="exact_match"),
        Signal(name="said", kind="stated", json_path="$.sure", levels=("low", "high")),
    )


def test_a_list_of_kinds_will_do(project: Load) -> None:
    found = loaded(project, "  signals: [confidence, finish_reason]\n")
    assert [(each.name, each.kind) for each in found.signals] == [
        ("confidence", "confidence"),
        ("finish_reason", "finish_reason"),
    ]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("{target: 0}", "6:22", "escalation.target is 0, and must be above 0 and below 1"),
        ("{delta: 100 %}", "6:21", "escalation.delta is 1, and must be above 0 and below 1"),
        ("{target: many}", "6:22", "a share"),
        ("{to: recordet}", "6:18", "Did you mean 'recorded'?"),
        ("{minutes: 3}", "6:23", "needs both minutes and hourly"),
        ("{signals: {a: confidense}}", "6:27", "confidence"),
        ("{signals: {a: {kind: agreement, of: alway}}}", "6:49", "Did you mean 'always'?"),
        ("{signals: {a: {kind: agreement}}}", "6:27", "which candidate?"),
        ("{signals: {a: {kind: metric, of: exact}}}", "6:46", "there is no metric 'exact'"),
        (
            "{signals: {a: {kind: stated}}}",
            "6:27",
            "escalation.signals.a: `stated` needs either regex or json_path",
        ),
        ("{signals: {a: {kind: stated, regex: '(?=x)'}}}", "6:49", "not supported"),
        (
            "{signals: {a: {kind: confidence, regex: x}}}",
            "6:53",
            "escalation.signals.a.regex says nothing here",
        ),
        ("{signals: {a: {kind: length, of: always}}}", "6:46", "`of` is for metric and agreement"),
        ("{signals: {a: {kind: agreement, of: always, levels: [x]}}}", "6:65", "`levels` is for stated"),
        ("{signals: {a: {kind: length, scale: 0}}}", "6:49", "must be above 0"),
        ("{signal: [confidence]}", "6:14", "Did you mean 'signals'?"),
    ],
)
def test_a_slip_is_told_with_its_place(slip: Slip, text: str, place: str, message: str) -> None:
    told = slip(BAR, f"{BAR}escalation: {text}\n")
    assert message in told
    assert f"passmuster.yaml:{place}" in told
