"""`examples/ifeval`: a metric of a project's own, held against published verdicts."""

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from passmuster import Case, Reply, Score, ScoreFailure, compare, open_project, run
from passmuster.errors import Place
from passmuster.metrics.metric import Metric
from passmuster.project.own_metrics import open_metric
from passmuster.records.task import MetricSpec
from passmuster.testing import check_metric

EXAMPLE = Path(__file__).parents[2] / "examples/ifeval"
DISAGREE = {
    ("2341", "change_case:english_capital"),
    ("2571", "change_case:english_capital"),
    ("3456", "change_case:english_capital"),
    ("3572", "change_case:english_capital"),
    ("202", "change_case:english_lowercase"),
    ("1843", "change_case:english_lowercase"),
    ("2041", "length_constraints:number_sentences"),
}
"""The instructions of which the example says otherwise than the published verdicts; its README says why."""

NEWS = "the weather of the day is good and we are all happy about that"
KINDS: list[tuple[str, dict[str, Any], str, str]] = [
    ("punctuation:no_comma", {}, "a b", "a, b"),
    ("length_constraints:number_words", {"relation": "at least", "num_words": 3}, "a b c", "a b"),
    ("length_constraints:number_words", {"relation": "less than", "num_words": 3}, "a b", "a b c"),
    (
        "length_constraints:number_sentences",
        {"relation": "less than", "num_sentences": 2},
        "A.",
        "A. B is. C.",
    ),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "a\n***\nb", "a\n\nb"),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "yes"},
        "a\n\nYes, b",
        "a\n\nno",
    ),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2}, "* a\n- b\n**c**", "* a"),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 2}, "*a* **b**", "*a* **"),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "PART", "num_sections": 2},
        "PART 1 a PART 2 b",
        "PART a PART b",
    ),
    ("detectable_format:title", {}, "<<a title>>\nb", "<< >> b"),
    ("detectable_format:json_format", {}, '```json\n{"a": 1}\n```', "{a: 1}"),
    ("detectable_format:constrained_response", {}, "My answer is maybe.", "Perhaps."),
    ("detectable_content:number_placeholders", {"num_placeholders": 2}, "[a] [b]", "[a] b]"),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, "a\np. s. b", "a\nPS b"),
    ("keywords:existence", {"keywords": ["ab", "cd"]}, "AB xcdx", "ab"),
    ("keywords:forbidden_words", {"forbidden_words": ["rock"]}, "rocket", "Rock!"),
    ("keywords:frequency", {"keyword": "a", "relation": "at least", "frequency": 2}, "A a", "a"),
    (
        "keywords:letter_frequency",
        {"letter": "a", "let_relation": "less than", "let_frequency": 2},
        "a",
        "aA",
    ),
    (
        "change_case:capital_word_frequency",
        {"capital_relation": "at least", "capital_frequency": 2},
        "NASA and EU",
        "NASA and eu",
    ),
    ("change_case:english_capital", {}, NEWS.upper(), NEWS),
    ("change_case:english_lowercase", {}, NEWS, NEWS.capitalize()),
    ("language:response_language", {"language": "de"}, "das ist nicht die Antwort auf die Frage", NEWS),
    ("startend:end_checker", {"end_phrase": "Bye."}, 'a "bye."', "bye. a"),
    ("startend:quotation", {}, ' "a" ', '"'),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Say a"}, "say A\nb", "b say a"),
    ("combination:two_responses", {}, "a******b", "a******a"),
]


def metric(**options: Any) -> Metric:
    return open_metric(MetricSpec(name="ifeval", kind="IFEval", options=options), EXAMPLE, Place("ifeval"))


def scored(case: Case, text: str, **options: Any) -> Score:
    outcome = metric(**options).score(case, Reply(text=text))
    assert isinstance(outcome, Score), outcome
    return outcome


def test_every_kind_is_tried() -> None:
    module = (EXAMPLE / "metrics/ifeval.py").read_text(encoding="utf-8")
    assert len({kind for kind, *_ in KINDS}) == 25
    assert all(f'"{kind}"' in module for kind, *_ in KINDS)


@pytest.mark.parametrize(("kind", "options", "good", "bad"), KINDS)
def test_a_kind_takes_one_reply_and_refuses_another(
    kind: str, options: dict[str, Any], good: str, bad: str
) -> None:
    case = Case(id="1", input="", reference=[{"id": kind, **options}])
    assert scored(case, good).value == 1
    assert scored(case, bad).details["failed"] == [kind]
    assert scored(case, "").value == 0


def test_the_loose_reading_forgives_an_announcement() -> None:
    case = Case(id="1", input="", reference=[{"id": "startend:quotation"}])
    assert scored(case, 'Sure:\n"a"').value == 0
    assert scored(case, 'Sure:\n"a"', loose=True).value == 1


@pytest.mark.parametrize("reference", [None, "a", [], [{"id": "no:such"}], [{}]])
def test_a_case_without_instructions_is_a_failure(reference: Any) -> None:
    outcome = metric().score(Case(id="1", input="", reference=reference), Reply(text="a"))
    assert isinstance(outcome, ScoreFailure)
    assert outcome.kind in {"no_reference", "wrong_reference"}


def test_it_keeps_the_promises_of_a_metric() -> None:
    cases = [Case(id=kind, input="", reference=[{"id": kind, **options}]) for kind, options, *_ in KINDS]
    check_metric(metric(), cases=cases)
    check_metric(metric(loose=True), cases=cases[:3])


def rows(data_folder: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(data_folder / "format_ifeval/items.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def case_of(row: dict[str, Any]) -> Case:
    named = zip(row["instruction_id_list"], row["kwargs"], strict=True)
    return Case(
        id=str(row["key"]), input=row["prompt"], reference=[{"id": kind, **more} for kind, more in named]
    )


@pytest.mark.data
def test_it_agrees_with_the_published_strict_verdicts(data_folder: Path) -> None:
    total, differ = 0, set()
    for row in rows(data_folder):
        each: Any = scored(case_of(row), row["gpt4_response"]).details["each"]
        published = row["published_strict"]["each"]
        total += len(published)
        for kind, held, verdict in zip(row["instruction_id_list"], each, published, strict=True):
            if held != verdict:
                differ.add((str(row["key"]), kind))
    assert total == 832
    assert len(differ) / total <= 0.03
    assert differ == DISAGREE


@pytest.mark.data
def test_the_example_runs_as_a_project(data_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLE, tmp_path / "ifeval", ignore=shutil.ignore_patterns(".*", "*.jsonl"))
    taken = list(rows(data_folder))[:60]
    cases = [{"id": c.id, "input": c.input, "reference": c.reference} for c in map(case_of, taken)]
    replies = [{"candidate": "gpt-4", "id": str(row["key"]), "output": row["gpt4_response"]} for row in taken]
    for name, content in (("cases", cases), ("recorded", replies)):
        (folder / f"{name}.jsonl").write_text(
            "".join(json.dumps(row) + "\n" for row in content), encoding="utf-8"
        )
    project = open_project(folder)
    run(project)
    report = compare(project).candidates[0]

    assert report.metrics["IFEval"].n == 60
    assert report.metrics["IFEval"].value <= report.metrics["loosely"].value  # type: ignore[operator]
    assert "punctuation:no_comma" in report.parts["IFEval"]
