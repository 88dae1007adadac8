"""What people said of replies is kept in files beside the cases."""

from dataclasses import replace
from pathlib import Path

import pytest

from passmuster.adapters.ingest.rating_logs import RatingFolder
from passmuster.errors import CorpusError
from passmuster.records.case import Case
from passmuster.records.judge_drift import AnchorCheck
from passmuster.records.rating import SET_RIGHT, Anchor, Choice, Draw, Drawn, Rating
from passmuster.records.trial import Reply

RATING = Rating(
    case="7",
    reply="9f",
    metric="quality",
    value=4.0,
    rater="Żaneta",
    kind="human",
    input="aa",
    candidate="small",
    parts={"tone": 5.0},
    time=1.5,
    source="sheet.csv",
    note="=1+1",
    draw="d1",
    seconds=12.0,
    cost=0.5,
)
CHOICE = Choice(case="7", first="9f", second="8e", metric="better", chosen="tie", rater="ben", kind="human")
DRAW = Draw(
    id="d1",
    metric="quality",
    purpose="calibration",
    time=2.0,
    seed=7,
    items=(Drawn(case="7", input="aa", candidate="small", reply="9f", stratum="pass"),),
    judge="abc",
    populations={"small": {"pass": 90, "fail": 10}},
)
ANCHOR = Anchor(
    set="s1",
    metric="quality",
    time=3.0,
    candidate="small",
    case=Case(id="7", input={"question": "?"}, tags=("a",)),
    reply=Reply(text="text", model="m"),
    versus=Reply(text="other"),
    value=4.0,
)
CHECK = AnchorCheck(
    metric="quality",
    set="s1",
    judge="abc",
    time=4.0,
    low=1.0,
    high=5.0,
    values={"9f": 4.0, "8e": None},
    answered=("m",),
    first=True,
)


@pytest.fixture
def folder(tmp_path: Path) -> RatingFolder:
    return RatingFolder(tmp_path)


def test_what_is_appended_is_read_back_in_its_order(folder: RatingFolder) -> None:
    other = Rating(case="8", reply="1a", metric="quality", value=None, rater="ben", kind="machine")
    folder.ratings.append([RATING])
    folder.ratings.append([other])
    folder.choices.append([CHOICE])
    folder.draws.append([DRAW])
    folder.anchors.append([ANCHOR])
    folder.checks.append([CHECK])

    assert folder.ratings.read() == [RATING, other]
    assert (folder.choices.read(), folder.draws.read()) == ([CHOICE], [DRAW])
    assert (folder.anchors.read(), folder.checks.read()) == ([ANCHOR], [CHECK])


def test_where_nobody_rated_there_are_no_ratings(folder: RatingFolder) -> None:
    assert folder.ratings.read() == []


def test_a_broken_line_is_named_with_its_place(folder: RatingFolder) -> None:
    folder.ratings.append([RATING])
    with folder.ratings.path.open("a") as stream:
        stream.write('{"case": "7", "reply": "9f", "metric": "quality", "value": "high"}\n')

    with pytest.raises(CorpusError) as caught:
        folder.ratings.read()

    assert caught.value.place is not None
    assert caught.value.place.line == 2
    assert "value" in str(caught.value)


def test_what_was_set_right_is_read_in_the_place_of_the_slip_and_a_second_look_is_not(tmp_path: Path) -> None:
    folder = RatingFolder(tmp_path)
    slip, second = replace(RATING, value=1.0), replace(RATING, value=2.0)
    meant, other = replace(RATING, value=5.0, source=SET_RIGHT), replace(RATING, rater="ben", value=3.0)
    unknown = replace(other, value=None, parts={}, source=SET_RIGHT)
    folder.ratings.append([slip, other, meant])
    folder.ratings.append([unknown, second])
    assert folder.ratings.read() == [meant, unknown, second]
    assert len(folder.ratings.path.read_text(encoding="utf-8").splitlines()) == 5, "no line is taken out"

    turned = replace(CHOICE, first=CHOICE.second, second=CHOICE.first, chosen="first", source=SET_RIGHT)
    folder.choices.append([turned])
    assert folder.choices.read() == [turned], "nothing stands before it: the file was cut"
    folder.choices.append([CHOICE, turned])
    assert folder.choices.read() == [turned, turned]
