"""What a person labels at the keyboard on a folder: the cases they see, and what is written of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from passmuster.errors import NotAvailableError, UsageError
from passmuster.project.corpus.label import read_log
from passmuster.project.corpus.label_form import LabelFormWish, LabelSession
from passmuster.project.corpus.opening import Corpus, open_corpus
from passmuster.workflows.corpus.label import Wanted
from passmuster.workflows.form.state import Entry


def folder(path: Path, rows: list[dict[str, Any]], labels: list[dict[str, Any]] | None = None) -> Corpus:
    for name, held in (("eval", rows), ("labels", labels or [])):
        text = "".join(f"{json.dumps(row)}\n" for row in held)
        (path / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return open_corpus(datasets=path)


def cases(number: int = 6) -> list[dict[str, Any]]:
    """Return cases of which the first two have references, a number each."""
    return [
        {"id": str(n), "input": f"text {n}"} | ({"reference": n + 4} if n < 2 else {}) for n in range(number)
    ]


def session(corpus: Corpus, annotator: str = "ana", **wanted: Any) -> LabelSession:
    return LabelSession(corpus, LabelFormWish(annotator=annotator, wanted=Wanted(**wanted)))


def says(place: int, label: str | None, *, again: bool = False) -> Entry:
    answers = None if label is None else {"label": label}
    return Entry(place=place, answers=answers, note="hm", seconds=1.0, again=again)


def shown(form: LabelSession) -> list[str]:
    return [card.passages[0].text for card in form.cards]


def test_each_label_is_in_the_log_at_once_with_who_gave_it_and_of_which_input(tmp_path: Path) -> None:
    form = session(folder(tmp_path, cases()))
    form.keep(says(0, "4"))
    form.keep(says(1, None))
    one, other = read_log(open_corpus(datasets=tmp_path))
    assert (one.value, one.annotator, one.kind, one.source, one.note) == (4, "ana", "human", "form", "hm")
    assert one.input is not None
    assert one.time is not None
    assert other.value is None
    assert form.waiting == 4


def test_a_label_is_of_the_kind_that_references_are(tmp_path: Path) -> None:
    form = session(folder(tmp_path, cases()))
    form.keep(says(0, "5"))
    form.keep(says(1, "five"))
    assert [label.value for label in read_log(open_corpus(datasets=tmp_path))] == [5, "five"]


def test_the_labels_that_references_use_have_keys_and_no_reference_is_shown(tmp_path: Path) -> None:
    form = session(folder(tmp_path, cases()))
    assert all([option.value for option in card.asks[0].options] == ["4", "5"] for card in form.cards)
    assert sorted(shown(form)) == [f"text {n}" for n in range(6)]


def test_who_comes_back_sees_what_is_left_and_another_person_sees_another_order(tmp_path: Path) -> None:
    corpus = folder(tmp_path, cases(20))
    first = session(corpus)
    seen = shown(first)
    for place in range(5):
        first.keep(says(place, "4"))
    assert sorted(shown(session(corpus))) == sorted(seen[5:])
    ben = shown(session(corpus, "ben", which="all"))
    assert sorted(ben) == sorted(seen)
    assert ben != seen


def test_with_all_a_second_person_labels_what_a_first_one_did(tmp_path: Path) -> None:
    corpus = folder(tmp_path, cases(3))
    first = session(corpus)
    for place in range(3):
        first.keep(says(place, "4"))
    with pytest.raises(NotAvailableError, match="no case is left for ben"):
        session(corpus, "ben")
    assert len(shown(session(corpus, "ben", which="all"))) == 3
    with pytest.raises(NotAvailableError, match="no case is left for ana"):
        session(corpus, "ana", which="all")


def test_a_limit_is_kept_to_over_sittings_and_what_waits_goes_beyond_it(tmp_path: Path) -> None:
    corpus = folder(tmp_path, cases(10))
    form = session(corpus, limit=4, which="all")
    assert len(form.cards) == 4
    form.keep(says(0, "4"))
    assert len(session(corpus, limit=4, which="all").cards) == 3
    assert form.waiting == 9


def test_what_is_set_right_is_another_line_and_the_same_again_is_none(tmp_path: Path) -> None:
    form = session(folder(tmp_path, cases()))
    form.keep(says(0, "4"))
    form.keep(says(0, "4", again=True))
    form.keep(says(0, "5", again=True))
    assert [label.value for label in read_log(open_corpus(datasets=tmp_path))] == [4, 5]


def test_nobody_labels_under_the_name_of_a_machine(tmp_path: Path) -> None:
    given = [{"case": "1", "value": 4, "annotator": "gpt-9", "kind": "machine"}]
    with pytest.raises(UsageError, match="'gpt-9' is the name of a machine"):
        session(folder(tmp_path, cases(), given), "gpt-9")


def test_an_annotator_has_a_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="an annotator has a name"):
        session(folder(tmp_path, cases()), "")


def test_where_there_are_no_labels_every_answer_is_typed(tmp_path: Path) -> None:
    (ask,) = session(folder(tmp_path, [{"id": "1", "input": "x"}])).cards[0].asks
    assert (ask.options, ask.typed) == ((), True)
