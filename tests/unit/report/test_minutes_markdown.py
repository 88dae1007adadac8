"""The record as Markdown and as sentences: complete, and harmless whatever stands in it."""

import re
from dataclasses import replace

import pytest

from passmuster.records.candidate import Attribute
from passmuster.records.decided import DecisionEvidence, DecisionRecord, Option
from passmuster.records.score import Estimate
from passmuster.report.decision_text import paragraphs
from passmuster.report.minutes_markdown import render_minutes

HOSTILE = "x\x1b[31m|<img src=x onerror=alert(1)>](http://evil) `rm` # *b*\n\n## Fake \u202e"

EVIDENCE = DecisionEvidence(
    passmuster="0.1.0",
    corpus="3f9a",
    corpus_path="datasets",
    split="eval",
    cases=1000,
    scored=900,
    metrics=("accuracy v1",),
    results="abc",
    seed=1,
    generated="2026-11-22T08:00:00Z",
)


def option(name: str, **attributes: Attribute) -> Option:
    share = Estimate(value=0.9, low=0.88, high=0.92, n=900)
    return Option(
        name=name,
        kind="llm",
        model="m",
        digest="d" * 32,
        status="pass",
        sentence=f"{name} passes: accuracy holds in 90 % of the cases.",
        quality=share,
        latency_p95=Estimate(value=1.2, low=1.1, high=1.4),
        failure_rate=Estimate(value=0.01),
        cost_per_success=Estimate(value=0.002, low=0.0019, high=0.0021),
        cost_per_month=None,
        cases=900,
        attributes=attributes,
    )


def record(name: str = "gpt", **changes: object) -> DecisionRecord:
    made = DecisionRecord(
        schema_version=1,
        task="complaints",
        question="Which is the cheapest candidate that meets every bar?",
        purpose="Sorts complaints.",
        owner="support",
        by="Ada Example",
        when="2026-11-22T08:00:00Z",
        status="decided",
        chosen=name,
        answer=f"Use {name}.",
        reason=f"{name} is the cheapest.",
        runner_up="other",
        bars=("accuracy >= 0.80",),
        requirements=("region is eu",),
        alpha=0.05,
        metric="accuracy",
        incumbent=None,
        finalists=(),
        options=(
            option(name, region=Attribute(value="eu", source="contract", date="2026-01-01")),
            option("other"),
        ),
        worth="It adds much.",
        turning=("If it cost twice as much, other would be chosen.",),
        next_step=None,
        unknown=("The holdout is unsealed.",),
        evidence=EVIDENCE,
        review="2027-02-20",
        sooner=("gpt reaches its end of life on 2027-01-10.",),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # a test's shorthand


@pytest.mark.parametrize(
    "said",
    [
        "# Decision: complaints",
        "| Owner | support |",
        "| Recorded by | Ada Example |",
        "| Purpose | Sorts complaints. |",
        "- accuracy \\>= 0.80",
        "- region is eu",
        "| gpt | region | eu | contract | 2026-01-01 |",
        "0.900 \\[0.880, 0.920\\]",
        "- The holdout is unsealed.",
        "- By 2027-02-20 at the latest.",
        "- gpt reaches its end of life on 2027-01-10.",
        "| Results | abc |",
        "d" * 32,
        "- If it cost twice as much, other would be chosen.",
    ],
)
def test_everything_stands_in_the_record(said: str) -> None:
    assert said in render_minutes(record())


def test_nothing_that_somebody_wrote_becomes_markup_or_moves_a_terminal() -> None:
    fields = (
        "task",
        "purpose",
        "owner",
        "by",
        "reason",
        "answer",
        "worth",
        "metric",
        "runner_up",
        "incumbent",
    )
    hostile = record(
        HOSTILE,
        **dict.fromkeys(fields, HOSTILE),
        options=(option(HOSTILE, **{HOSTILE: Attribute(value=HOSTILE, source=HOSTILE, date=HOSTILE)}),),
        unknown=(HOSTILE,),
        turning=(HOSTILE,),
        bars=(HOSTILE,),
        requirements=(HOSTILE,),
        finalists=(HOSTILE,),
        evidence=replace(EVIDENCE, corpus_path=HOSTILE, metrics=(HOSTILE,)),
    )
    text = render_minutes(hostile)
    assert not {"\x1b", "\u202e"} & set(text)
    assert "<img" not in text.replace("\\<img", "")
    assert not re.search(r"(?<!\\)\]\(", text)
    assert [line for line in text.splitlines() if re.match(r"## Fake", line)] == []
    assert not re.search(r"https?://", text)
    said = [sentence for _, sentences in paragraphs(hostile) for sentence in sentences]
    assert not any({"\x1b", "\u202e", "\n"} & set(sentence) for sentence in said)


def test_every_row_of_a_table_has_as_many_cells_as_its_head() -> None:
    widths: dict[int, set[int]] = {}
    table = 0
    for line in render_minutes(record("a|b")).splitlines():
        if not line.startswith("|"):
            table += 1
            continue
        widths.setdefault(table, set()).add(len(re.findall(r"(?<!\\)\|", line)))
    assert all(len(found) == 1 for found in widths.values())


def test_the_sentences_begin_with_the_answer_and_end_with_the_day_of_review() -> None:
    found = paragraphs(record())
    assert found[0] == ("complaints: Use gpt. (owner: support)", ("gpt is the cheapest.",))
    assert found[-1] == (
        "Look again",
        ("By 2027-02-20 at the latest.", "gpt reaches its end of life on 2027-01-10."),
    )


def test_what_there_is_nothing_to_say_of_has_no_title() -> None:
    titles = [title for title, _ in paragraphs(record(worth=None, turning=(), unknown=(), purpose=None))]
    assert titles == ["complaints: Use gpt. (owner: support)", "Why this one", "The others", "Look again"]


def test_of_many_candidates_some_are_told_and_the_rest_counted() -> None:
    many = tuple(option(f"c{number}") for number in range(40))
    others = dict(paragraphs(record(options=many, chosen=None)))["The candidates"]
    assert len(others) == 13
    assert others[-1] == "And 28 more: passmuster compare shows all."
