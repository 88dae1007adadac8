"""Any table of ratings: looked up, checked, and taken in whole or not at all."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from passmuster.errors import CorpusError, UsageError
from passmuster.project.load import Project
from passmuster.project.rating.importing import import_ratings
from passmuster.records.case import case_digest
from passmuster.records.rating import Choice, Rating, reply_digest
from passmuster.records.said import RatingForm
from passmuster.records.trial import Reply

Make = Callable[..., Project]
FINE = RatingForm(metric="fine", rater="ana")


@pytest.fixture
def project(make: Make) -> Project:
    return make(6, judged=False)


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[[str], Path]:
    def written(text: str, name: str = "r.csv") -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return written


Sheet = Callable[..., Path]


def taken(project: Project, path: Path, form: RatingForm = FINE) -> tuple[Rating | Choice, ...]:
    intake = import_ratings(project, [path], form)
    return (*intake.ratings, *intake.choices)


def test_a_candidates_name_is_enough_where_its_reply_is_stored(project: Project, sheet: Sheet) -> None:
    (rating,) = taken(project, sheet("case,candidate,value,seconds\nc1,zebra,pass,4.5\n"))

    assert isinstance(rating, Rating)
    assert rating.reply == reply_digest(Reply(text="zebra 1"))
    assert (rating.value, rating.candidate, rating.draw, rating.seconds) == (1.0, "zebra", None, 4.5)
    assert rating.input == case_digest(project.corpus().cases[1])
    assert project.ratings.ratings.read() == [rating]


def test_a_text_or_a_digest_needs_no_trial(project: Project, sheet: Sheet) -> None:
    digest = reply_digest(Reply(text="elsewhere"))
    rows = [
        {"case": "c1", "reply": "elsewhere", "value": 1},
        {"case": "c2", "reply_digest": digest, "value": 0},
    ]
    found = taken(project, sheet("".join(f"{json.dumps(row)}\n" for row in rows), "r.jsonl"))

    assert [each.reply for each in found if isinstance(each, Rating)] == [digest, digest]


@pytest.mark.parametrize(
    "text",
    [
        "case,first_by,second_by,choice\nc1,yak,zebra,second\n",
        "question_id,model_a,model_b,winner\nc1,yak,zebra,model_b\n",
        "case,first,second,choice\nc1,yak 1,zebra 1,b\n",
    ],
)
def test_pairs_are_known_by_candidates_or_texts_and_from_arenas(
    project: Project, sheet: Sheet, text: str
) -> None:
    (choice,) = taken(project, sheet(text))

    assert isinstance(choice, Choice)
    assert choice.chosen == "second"
    assert [choice.first, choice.second] == [reply_digest(Reply(text=f"{one} 1")) for one in ("yak", "zebra")]


def test_what_a_machine_says_has_its_name_and_cost_and_may_be_unreadable(
    project: Project, sheet: Sheet
) -> None:
    form = RatingForm(metric="fine", kind="machine", rater="gpt-4", cost=0.01)
    found = taken(project, sheet("case,candidate,value,skipped\nc1,yak,1,\nc2,yak,,yes\n"), form)

    assert [(each.kind, each.rater, each.cost) for each in found] == [("machine", "gpt-4", 0.01)] * 2
    assert [each.value for each in found if isinstance(each, Rating)] == [1.0, None]


def test_columns_can_have_other_names(project: Project, sheet: Sheet) -> None:
    form = RatingForm(metric="fine", columns={"value": "stars", "rater": "who"})
    (rating,) = taken(project, sheet("case,candidate,stars,who\nc1,yak,0,Ünal\n"), form)

    assert isinstance(rating, Rating)
    assert (rating.value, rating.rater) == (0.0, "Ünal")


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("case,candidate,value\nc1,yak,1\nnone,yak,1\n", "r.csv:3:1", "no case is called 'none'"),
        ("case,candidate,value\nc1,yak,7\n", "r.csv:2:8", "'7' is not on the scale"),
        ("case,candidate,value\nc1,yak,0.5\n", "r.csv:2:8", "'0.5' is not on the scale"),
        ("case,candidate,value\nc1,yak,nan\n", "r.csv:2:8", "'nan' is not on the scale"),
        ("case,candidate,fine\nc1,yak,good\n", "r.csv:2:8", "'good' is not on the scale"),
        ("case,candidate,value,digest\nc1,yak,1,abc\n", "r.csv:2:10", "has changed since"),
        ("case,candidate,value\nc1,emu,1\n", "r.csv:2:4", "no reply of 'emu' to case 'c1' is stored"),
        ("case,value\nc1,1\n", "r.csv:2", "does not say which reply"),
        ("candidate,value\nyak,1\n", "r.csv:2", "names no case"),
        ("case,reply_digest,value\nc1,xyz,1\n", "r.csv:2:4", "no digest"),
        ("case,candidate,value,metric\nc1,yak,1,fien\n", "r.csv:2:10", "no metric 'fien'"),
        ("item,fine\nabc,1\n", "r.csv:2:1", "nothing was drawn that is called 'abc'"),
        ("case,first_by,second_by,choice\nc1,yak,zebra,left\n", "r.csv:2:14", "'left' is no choice"),
        ("case,first_by,second_by,value\nc1,yak,zebra,1\n", "r.csv:2", "to be chosen between"),
        ("case,candidate,value,skipped\nc1,yak,1,perhaps\n", "r.csv:2:10", "neither yes nor no"),
        ("case,candidate,value,time\nc1,yak,1,soon\n", "r.csv:2:10", "'soon' is no time"),
        ("case,candidate,value,kind\nc1,yak,1,dog\n", "r.csv:2:10", "neither human nor machine"),
        ("case,candidate,value,seconds\nc1,yak,1,-2\n", "r.csv:2:10", "no number of 0 or more"),
        ("case,candidate,value,repeat\nc1,yak,1,0.5\n", "r.csv:2:10", "no whole number"),
        ("case,candidate,value,rater\nc1,yak,1,yak\n", "r.csv:2:10", "the name of a machine"),
        ("case,candidate,value,rater\nc1,yak,1,keeper\n", "r.csv:2:10", "the name of a machine"),
        ("case,candidate,value,rater\nc1,yak,1,a\x1bb\n", "r.csv:2:10", "letters that can be seen"),
    ],
)
def test_a_wrong_row_is_refused_with_its_place_and_nothing_is_written(
    project: Project, sheet: Sheet, text: str, where: str, words: str
) -> None:
    path = sheet(text)
    with pytest.raises(CorpusError) as caught:
        import_ratings(project, [path], FINE)

    assert f"{caught.value.place}".removeprefix(f"{path.parent}/") == where
    assert words in str(caught.value)
    assert not project.ratings.ratings.path.exists()


def test_rows_of_cases_that_left_or_changed_are_left_out_where_that_is_wished(
    project: Project, sheet: Sheet
) -> None:
    path = sheet("case,candidate,value,digest\nnone,yak,1,\nc1,yak,1,abc\nc2,yak,1,\n")
    intake = import_ratings(project, [path], FINE, leave_out=True)

    assert (len(intake.ratings), intake.unknown, intake.stale) == (1, ("none",), ("c1",))


def test_nobody_is_once_a_person_and_once_a_machine(project: Project, sheet: Sheet) -> None:
    path = sheet("case,candidate,value\nc1,yak,1\n")
    import_ratings(project, [path], FINE)
    with pytest.raises(CorpusError, match="said to be of a machine"):
        import_ratings(project, [path], RatingForm(metric="fine", rater="ana", kind="machine"))


def test_a_dry_run_writes_nothing(project: Project, sheet: Sheet) -> None:
    intake = import_ratings(project, [sheet("case,candidate,value\nc1,yak,1\n")], FINE, keep=False)

    assert len(intake.ratings) == 1
    assert project.ratings.ratings.read() == []


def test_who_says_that_they_were_drawn_at_random_makes_them_a_draw(project: Project, sheet: Sheet) -> None:
    path = sheet("case,candidate,value\nc1,yak,1\nc2,zebra,0\n")
    intake = import_ratings(project, [path], FINE, drawn=True)
    (draw,) = project.ratings.draws.read()

    assert {each.draw for each in intake.ratings} == {draw.id}
    assert [(item.case, item.candidate) for item in draw.items] == [("c1", "yak"), ("c2", "zebra")]
    form = RatingForm(metric="fine", rater="gpt", kind="machine")
    with pytest.raises(UsageError, match="machine"):
        import_ratings(project, [path], form, drawn=True)


def test_a_metric_or_column_that_is_not_there_is_named(project: Project, sheet: Sheet) -> None:
    path = sheet("case,candidate,value\nc1,yak,1\n")
    with pytest.raises(UsageError, match="no metric 'fien'"):
        import_ratings(project, [path], RatingForm(metric="fien", rater="ana"))
    with pytest.raises(CorpusError, match="no field 'stars'"):
        import_ratings(project, [path], RatingForm(metric="fine", columns={"stars": "value"}))
    with pytest.raises(CorpusError, match="no column 'stars'"):
        import_ratings(project, [path], RatingForm(metric="fine", columns={"value": "stars"}))
    with pytest.raises(CorpusError, match="nobody is named"):
        import_ratings(project, [path], RatingForm(metric="fine"))
    with pytest.raises(CorpusError, match="does not say which metric"):
        import_ratings(project, [path], RatingForm(rater="ana"))
