"""Rows of ratings: whatever stands in them, they are read or refused with their place, and nothing else."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.ingest.rating_sheets import NAMES, SHOWN, criterion_column, read_ratings
from passmuster.errors import CorpusError, PassmusterError, SealError
from passmuster.records.said import RatingForm, Said

FORM = RatingForm(rater="ana", metric="m")
COLUMNS = [*(name for names in NAMES.values() for name in names), "tone", "input"]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["1e999", "9" * 400]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def read(path: Path, text: str, form: RatingForm = FORM) -> list[Said]:
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    return list(read_ratings(path, form, ["tone", "rater"]))


@given(row=st.dictionaries(st.sampled_from(COLUMNS), JSON, max_size=6))
def test_any_row_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, row: dict[str, object]) -> None:
    with suppress(PassmusterError):
        read(tmp_path_factory.mktemp("rows") / "r.jsonl", json.dumps(row) + "\n")


def test_what_raters_only_read_is_no_answer(tmp_path: Path) -> None:
    row = {"item": "a", "input": "?", "reply": "!", "tone": "", "skipped": "", "note": "", "rater": "ana"}
    assert read(tmp_path / "r.jsonl", json.dumps(row)) == []


def test_a_note_alone_is_no_rating(tmp_path: Path) -> None:
    assert read(tmp_path / "r.csv", "case,candidate,value,note\nc,x,,hm\n") == []


def test_a_criterion_that_is_called_as_a_column_has_one_of_its_own(tmp_path: Path) -> None:
    (said,) = read(tmp_path / "r.csv", "case,candidate,rater,rater_value\nc,x,ben,4\n")

    assert (said.rater, dict(said.parts)) == ("ben", {"rater": "4"})
    assert all(criterion_column(name).endswith("_value") for name in SHOWN)


def test_a_criterion_may_be_called_as_values_are(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("case,candidate,score\nc,x,4\n", encoding="utf-8")
    (said,) = read_ratings(path, FORM, ["score"])

    assert (said.value, dict(said.parts)) == (None, {"score": "4"})


@pytest.mark.parametrize(
    ("cell", "time"),
    [("1700000000", 1.7e9), ("2023-11-14T22:13:20", 1.7e9), ("2023-11-14T23:13:20+01:00", 1.7e9)],
)
def test_times_are_seconds_or_moments(tmp_path: Path, cell: str, time: float) -> None:
    (said,) = read(tmp_path / "r.csv", f"case,candidate,value,time\nc,x,1,{cell}\n")

    assert said.time == time


def test_a_holdout_stays_shut(tmp_path: Path) -> None:
    with pytest.raises(SealError):
        read(tmp_path / "holdout.csv", "case,value\nc,1\n")


@pytest.mark.parametrize("mark", [";", "\t"])
def test_a_sheet_that_a_spreadsheet_saved_anew_is_read_with_its_places(tmp_path: Path, mark: str) -> None:
    text = "\ufeff" + "case,candidate,reply,tone,note\r\nd,x,,6,\r\n".replace(",", mark)
    quoted = mark.join(["c", "x", '"one, two; three\r\n""four"""', "5", "hm"])
    first, second = read(tmp_path / "r.csv", f"{text}{quoted}\r\n")

    assert (first.case, dict(first.parts), second.note) == ("d", {"tone": "6"}, "hm")
    assert second.reply.text == 'one, two; three\r\n"four"'
    place = first.place("tone")
    assert (place.line, place.column) == (2, 6)


def test_a_row_that_is_skipped_and_has_an_answer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"r.csv:2:7: skipped: the row is skipped and has an answer"):
        read(tmp_path / "r.csv", "case,candidate,skipped,value\nc,xxx,x,1\n")
