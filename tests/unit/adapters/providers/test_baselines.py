"""Baselines answer by their rules, learn from the train split only, and say what is wrong with their options."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from passmuster.adapters.providers.baselines.labels import labelled
from passmuster.adapters.providers.baselines.manual import Labels, read_labels
from passmuster.adapters.providers.baselines.opening import OPTIONS, open_baseline
from passmuster.errors import ConfigurationError, CorpusError, RecordingError
from passmuster.ports import Fittable, Provider
from passmuster.records.candidate import Candidate, ManualProcess
from passmuster.records.case import Case, Conversation, Document, Input, Message
from passmuster.records.record import Json
from passmuster.records.trial import Exchange, Failure, Reply, Request, Usage
from passmuster.testing import FakeClock

FITTED = ("logistic_regression", "naive_bayes", "decision_tree")
SPAM = [
    Case(
        id=str(n),
        input=f"win cash prize now {n}" if n % 2 else f"see you at lunch {n}",
        reference="spam" if n % 2 else "ham",
    )
    for n in range(40)
]


def baseline(kind: str, **options: Json) -> Provider:
    return open_baseline(
        Candidate(name="b", provider="baseline", kind="baseline", parameters={"kind": kind, **options}),
        FakeClock(),
    )


def fitted(kind: str, train: Sequence[Case], **options: Json) -> Provider:
    provider = baseline(kind, **options)
    assert isinstance(provider, Fittable)
    provider.fit(train)
    return provider


async def ask(provider: Provider, given: Input, case: str = "new", round_: int = 0) -> Exchange:
    conversation = Conversation(messages=(Message(role="user", content="x"),))
    return await provider.ask(
        Request(case=Case(id=case, input=given), conversation=conversation, round=round_)
    )


async def reply(provider: Provider, given: Input) -> Reply:
    outcome = (await ask(provider, given)).outcome
    assert isinstance(outcome, Reply), outcome
    return outcome


async def said(provider: Provider, given: Input) -> str:
    return (await reply(provider, given)).text


class Ticking(FakeClock):
    """Every look at it takes a quarter of a second."""

    def now(self) -> float:
        self.advance(0.25)
        return super().now()


async def test_a_baseline_has_no_tokens_costs_nothing_and_its_time_is_measured() -> None:
    candidate = Candidate(name="b", provider="baseline", parameters={"kind": "constant", "text": "x"})
    provider = open_baseline(candidate, Ticking())
    outcome, attempt, *_ = await ask(provider, "y")
    assert outcome == Reply(text="x")
    assert (attempt.usage, attempt.cost, attempt.seconds) == (Usage(input=0, output=0), 0.0, 0.25)
    assert provider.source == "measured"
    assert not isinstance(provider, Fittable)


async def test_a_constant_says_the_majority_class_with_its_share() -> None:
    train = [Case(id=str(n), input="x", reference=label) for n, label in enumerate(["a", "b", "b", "b"])]
    answer = await reply(fitted("constant", train), "anything")
    assert (answer.text, answer.confidence) == ("b", 0.75)
    assert answer.probabilities == {"a": 0.25, "b": 0.75}


async def test_of_equally_frequent_labels_the_first_in_the_alphabet_is_said() -> None:
    train = [Case(id=str(n), input="x", reference=label) for n, label in enumerate(["b", "a"])]
    assert await said(fitted("constant", train), "x") == "a"


@pytest.mark.parametrize("kind", ["constant", *FITTED])
async def test_a_fitted_baseline_that_was_not_fitted_fails(kind: str) -> None:
    outcome = (await ask(baseline(kind), "x")).outcome
    assert isinstance(outcome, Failure)
    assert "before it was fitted" in outcome.message


async def test_the_first_pattern_that_matches_is_the_answer() -> None:
    provider = baseline("regex", patterns=[{"refund": "(?i)money back"}, {"other": "money"}], default="none")
    assert await said(provider, "I want my MONEY BACK, all the money") == "refund"
    assert await said(provider, {"subject": "money"}) == "other"
    assert await said(provider, "hello") == "none"
    assert await said(baseline("regex", patterns=[{"a": "x"}]), "hello") == ""


async def test_patterns_of_fields_make_a_json_object_of_first_groups() -> None:
    provider = baseline(
        "regex", fields={"total": r"TOTAL\s+([0-9.]+)", "date": r"\d{4}-\d\d-\d\d", "x": "(no)"}
    )
    answer = json.loads(await said(provider, "2024-05-06\nTOTAL  12.50"))
    assert answer == {"total": "12.50", "date": "2024-05-06", "x": None}


async def test_a_template_sees_fields_text_and_what_patterns_extract() -> None:
    provider = baseline(
        "template",
        template="{{ name }} / {{ fields.name | upper }} / {{ amount or 'none' }} / {{ missing or 'none' }}\n",
        extract={"amount": r"(\d+) EUR", "missing": "nowhere"},
    )
    assert await said(provider, {"name": "Ann", "body": "pay 30 EUR"}) == "Ann / ANN / 30 / none"


async def test_a_template_reads_conversations() -> None:
    talk = Conversation(messages=(Message(role="user", content="Hi"),), context=(Document(text="D"),))
    assert (
        await said(baseline("template", template="{{ context[0] }}{{ text | length > 1 }}"), talk) == "DTrue"
    )


async def test_rules_are_tried_in_their_order() -> None:
    provider = baseline(
        "rules",
        rules=[
            {"when": "contains(text, 'Refund', 'money back') and fields.amount > 100", "answer": "manager"},
            {"when": "contains(lower(text), 'refund')", "answer": "desk"},
            {"when": "matches(body, '^[A-Z ]+$')", "answer": "angry"},
        ],
        default="nobody",
    )
    assert await said(provider, {"body": "a REFUND please", "amount": 101}) == "manager"
    assert await said(provider, {"body": "a refund please", "amount": 100}) == "desk"
    assert await said(provider, {"body": "NO NO NO", "amount": 1}) == "angry"
    assert await said(provider, {"body": "thanks", "amount": 1}) == "nobody"


@pytest.mark.parametrize(
    "provider",
    [
        baseline("template", template="{{ amount }}"),
        baseline("template", template="{{ ''.__class__.__mro__ }}"),
        baseline("rules", rules=[{"when": "amount > 3", "answer": "x"}]),
        baseline("rules", rules=[{"when": "1 / 0", "answer": "x"}]),
        baseline("rules", rules=[{"when": "matches(text, '(')", "answer": "x"}]),
    ],
)
async def test_a_name_that_a_case_lacks_and_a_way_out_of_the_sandbox_are_failures(provider: Provider) -> None:
    outcome = (await ask(provider, "text")).outcome
    assert isinstance(outcome, Failure)
    assert outcome.kind == "internal"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"kind": "naive_bays"}, "did you mean 'naive_bayes'?"),
        ({}, "no baseline of kind None"),
        ({"kind": "constant", "txt": "x"}, "did you mean 'text'?"),
        ({"kind": "constant", "text": 5}, "constant: text: Input should be a valid string"),
        ({"kind": "regex"}, "either `patterns` or `fields`"),
        ({"kind": "regex", "patterns": {"a": "b"}}, "regex: patterns"),
        ({"kind": "regex", "patterns": [{"a": "(?<=x)y"}]}, "patterns.a: '(?<=x)y' is no valid pattern"),
        ({"kind": "regex", "fields": {"a": r"(x)\1"}}, "no back-references"),
        ({"kind": "template", "template": "{{ x"}, "template: line 1"),
        ({"kind": "template"}, "template: template"),
        ({"kind": "rules", "rules": [{"when": "x ==", "answer": "y"}]}, "rule 1, `x ==`"),
        ({"kind": "rules", "rules": [{"wen": "x", "answer": "y"}]}, "rules: rules.0"),
        ({"kind": "rules", "rules": []}, "the list is empty"),
        ({"kind": "naive_bayes", "alpha": 2}, "naive_bayes has no option 'alpha'"),
        ({"kind": "manual"}, "no labels of people"),
    ],
)
def test_wrong_options_are_answered_with_what_is_wrong(parameters: Mapping[str, Json], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_baseline(Candidate(name="words", provider="baseline", parameters=parameters), FakeClock())
    assert str(caught.value).startswith("candidate 'words': ")
    assert message in str(caught.value)


@pytest.mark.parametrize("kind", FITTED)
async def test_a_classifier_learns_labels_with_probabilities(kind: str) -> None:
    answer = await reply(fitted(kind, SPAM), "win cash prize now")
    assert answer.text == "spam"
    assert answer.probabilities is not None
    assert set(answer.probabilities) == {"ham", "spam"}
    assert sum(answer.probabilities.values()) == pytest.approx(1.0)
    assert answer.confidence == max(answer.probabilities.values()) > 0.5


@pytest.mark.parametrize("kind", FITTED)
async def test_the_order_of_the_train_split_changes_nothing(kind: str) -> None:
    one, other = fitted(kind, SPAM), fitted(kind, SPAM[::-1])
    for text in ("win lunch", "see 7", ""):
        assert await reply(one, text) == await reply(other, text)


def test_training_cases_are_taken_in_an_order_that_only_their_content_decides() -> None:
    renamed = [replace(case, id=f"{99 - int(case.id)}") for case in SPAM[::-1]]
    taken = [
        [item.case.input for item in labelled(train, None, "b")] for train in (SPAM, SPAM[::-1], renamed)
    ]
    assert taken[0] == taken[1] == taken[2]


async def test_many_first_questions_at_once_fit_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from passmuster.adapters.providers.baselines import opening  # noqa: PLC0415 - to count its fits

    made: list[object] = []
    original = opening._PIPELINES["naive_bayes"]

    def counted() -> object:
        made.append(1)
        return original()

    monkeypatch.setattr(opening, "_PIPELINES", {"naive_bayes": counted})
    provider = fitted("naive_bayes", SPAM)
    assert not made
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(reply(provider, "win cash")) for _ in range(20)]
    assert {task.result().text for task in tasks} == {"spam"}
    assert len(made) == 1


@pytest.mark.parametrize("kind", ["constant", *FITTED])
async def test_a_target_is_one_field_of_object_references(kind: str) -> None:
    train = [
        Case(id=case.id, input=case.input, reference={"kind": case.reference, "n": 1}) for case in SPAM[1:]
    ]
    assert json.loads(await said(fitted(kind, train, target="kind"), "win cash prize now")) == {
        "kind": "spam"
    }


async def test_labels_that_are_no_text_keep_their_json_type() -> None:
    train = [Case(id=case.id, input=case.input, reference={"is": case.reference == "spam"}) for case in SPAM]
    assert await said(fitted("naive_bayes", train, target="is"), "win cash prize") == '{"is": true}'


@pytest.mark.parametrize(
    ("train", "options", "message"),
    [
        ([], {}, "none of the 0 training cases has a reference"),
        ([Case(id="1", input="x")], {}, "none of the 1 training cases has a reference"),
        ([Case(id=n, input="x", reference="a") for n in "12"], {}, "one label only, 'a'"),
        ([Case(id=n, input="..!", reference=n) for n in "12"], {}, "no training case has a word"),
        ([Case(id=n, input="x", reference={"k": n}) for n in "12"], {}, "say which of its fields"),
        ([Case(id=n, input="x", reference=n) for n in "12"], {"target": "k"}, "leave `target` out"),
        ([Case(id=n, input="x", reference={"j": n}) for n in "12"], {"target": "k"}, "with the field 'k'"),
    ],
)
def test_cases_that_cannot_be_learned_from_are_refused(
    train: list[Case], options: dict[str, Json], message: str
) -> None:
    with pytest.raises(CorpusError) as caught:
        fitted("naive_bayes", train, **options)
    assert message in str(caught.value)
    assert caught.value.hint


def people(folder: Path, text: str) -> Labels:
    path = folder / "labels.csv"
    path.write_text(text)
    return read_labels(path)


async def test_manual_replays_what_people_said_with_the_stated_turnaround(tmp_path: Path) -> None:
    labels = people(tmp_path, "id,a,b\n1,spam,ham\n2,ham,\n")
    process = ManualProcess(minutes=3, hourly=40, turnaround=3600.0)
    candidate = Candidate(
        name="today", provider="baseline", kind="manual", manual=process, parameters={"kind": "manual"}
    )
    provider = open_baseline(candidate, FakeClock(), labels)
    outcome, attempt, *_ = await ask(provider, "x", case="1")
    assert (outcome, attempt.seconds) == (Reply(text="spam"), 3600.0)
    assert (await ask(provider, "x", case="1", round_=1)).outcome == Reply(text="ham")
    for case, round_ in (("2", 1), ("3", 0)):
        missing = (await ask(provider, "x", case=case, round_=round_)).outcome
        assert isinstance(missing, Failure)
        assert missing.kind == "not_recorded"


@pytest.mark.parametrize("text", ["id,labelx\n1,x\n", "case,label\n1,x\n", "id,label\n"])
def test_files_that_are_no_labels_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(RecordingError, match=r"needed is one of: .*|no labels"):
        people(tmp_path, text)


def test_every_kind_is_documented() -> None:
    page = (Path(__file__).parents[4] / "docs" / "baselines.md").read_text()
    assert [kind for kind in OPTIONS if f"`{kind}`" not in page] == []


@pytest.mark.data
async def test_naive_bayes_reaches_what_is_known_of_the_complaints(data_folder: Path) -> None:
    lines = (data_folder / "replay_complaints" / "items.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    cases = [Case(id=row["id"], input=row["input"], reference=row["gold"]) for row in rows]
    right = 0
    for fold in range(5):
        provider = fitted("naive_bayes", [case for n, case in enumerate(cases) if n % 5 != fold])
        for case in cases[fold::5]:
            right += await said(provider, case.input) == case.reference
    assert 0.70 <= right / len(cases) <= 0.77
