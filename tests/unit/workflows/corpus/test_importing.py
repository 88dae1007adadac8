"""An import is all or nothing, and says what it could not bring."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from passmuster.errors import CorpusError
from passmuster.records.case import Case
from passmuster.records.imported import Account, BadRow, Imported, Recognised, Settled
from passmuster.records.traffic import TrafficRecord
from passmuster.workflows.corpus.importing import EARLY, Found, Terms, import_cases, import_traffic

BAD = BadRow(where="line 7", reason="not UTF-8: byte 0xff at column 8", text="x")


@dataclass
class Source:
    """A source that holds what it is given; at the end it may fail."""

    rows: Sequence[Found]
    fails: bool = False
    recognised: Recognised = field(
        default_factory=lambda: Recognised(format="table", kind="traffic", why="?")
    )
    sources: tuple[str, ...] = ("a.csv",)
    read: int = 0
    left: Mapping[str, int] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Found]:
        for row in self.rows:
            self.read += 1
            yield row
        if self.fails:
            raise CorpusError("it went away")

    def account(self) -> Account:
        return Account(unread={"time (t)": 2}, left=self.left)


class Shelf:
    """A shelf in memory."""

    def __init__(self) -> None:
        self.records: list[TrafficRecord] = []
        self.aside: list[BadRow] = []
        self.kept: Imported | None = None
        self.refused = False

    def add(self, record: TrafficRecord) -> str | None:
        if record.input == "unwritable":
            return "it cannot be written"
        self.records.append(record)
        return None

    def set_aside(self, row: BadRow) -> None:
        self.aside.append(row)

    def settle(self) -> Settled:
        return Settled(repeated=1, feedback={"up": 1}, timeless=1)

    def keep(self, imported: Imported) -> Imported:
        self.kept = imported
        return imported

    def refuse(self) -> str | None:
        self.refused = True
        return "a.refused.jsonl"


def record(number: int, **more: object) -> TrafficRecord:
    """Return a record."""
    return TrafficRecord(**{"id": str(number), "input": f"question {number}", **more})  # type: ignore[arg-type]


def bring(source: Source, most_bad: float = 0.01) -> Shelf:
    """Import a source and return the shelf."""
    shelf = Shelf()
    import_traffic(source, shelf, Terms(name="a", most_bad=most_bad), lambda rows, bad: None)
    return shelf


def test_what_was_brought_is_counted() -> None:
    rows: list[Found] = [
        record(0, time=5.0, feedback="up"),
        record(1, time=2.0),
        record(2),
        record(3, feedback="up"),
        BAD,
    ]
    kept = bring(Source(rows), most_bad=0.2).kept
    assert kept is not None
    assert (kept.rows, kept.bad, kept.records, kept.repeated) == (5, 1, 3, 1)
    assert (kept.times, kept.timeless, kept.feedback) == ((2.0, 5.0), 1, {"up": 1})
    assert kept.reasons == {"not UTF-8: byte … at column …": 1}
    assert kept.unread == {"time (t)": 2}


@pytest.mark.parametrize(("bad", "kept"), [(0, True), (1, True), (2, False)])
def test_more_bad_rows_than_allowed_keep_nothing(bad: int, kept: bool) -> None:  # noqa: FBT001  # a table of two
    source = Source([*(record(n) for n in range(100 - bad)), *[BAD] * bad])
    if kept:
        assert bring(source).kept is not None
        return
    shelf = Shelf()
    with pytest.raises(
        CorpusError, match=r"2 of 100 rows \(2\.0%\) cannot be used.*\n  line 7: not UTF-8"
    ) as error:
        import_traffic(source, shelf, Terms(name="a"), lambda rows, bad: None)
    assert "a.refused.jsonl" in str(error.value)
    assert "--most-bad 2.1%" in str(error.value)
    assert shelf.kept is None
    assert shelf.refused


def test_a_share_that_is_allowed_may_all_stand_at_the_beginning() -> None:
    source = Source([*[BAD] * 10, *(record(n) for n in range(990))])
    assert bring(source).kept is not None


def test_a_source_of_nothing_but_bad_rows_is_not_read_to_its_end() -> None:
    source = Source([BAD] * 50 * EARLY)
    with pytest.raises(CorpusError):
        bring(source)
    assert source.read <= EARLY + 1


def test_a_source_that_fails_in_the_middle_keeps_nothing() -> None:
    shelf = Shelf()
    with pytest.raises(CorpusError, match="it went away"):
        import_traffic(Source([record(0)], fails=True), shelf, Terms(name="a"), lambda rows, bad: None)
    assert shelf.kept is None


def test_all_rows_bad_is_refused_whatever_is_allowed() -> None:
    with pytest.raises(CorpusError, match="1 of 1 rows"):
        bring(Source([BAD]), most_bad=1.0)


def test_no_rows_at_all_is_told() -> None:
    with pytest.raises(CorpusError, match=r"a\.csv holds no rows"):
        bring(Source([]))


def test_a_source_of_another_tool_that_holds_no_calls_says_what_it_holds() -> None:
    spans = Recognised(format="langfuse", kind="traffic", why="?")
    source = Source([], recognised=spans, left={"observations of the type SPAN: it is no call of a model": 3})

    with pytest.raises(
        CorpusError, match=r"holds no calls of models\n  left out: 3  observations of the type SPAN"
    ):
        bring(source)


def test_a_bad_case_is_set_aside_as_a_bad_call_is() -> None:
    shelf = Shelf()
    rows: list[Found] = [BAD, Case(id="1", input="a")]

    import_cases(Source(rows), [], Terms(name="a", most_bad=0.5), None, shelf, lambda rows, bad: None)

    assert shelf.aside == [BAD]


def test_a_record_that_cannot_be_written_is_a_bad_row() -> None:
    shelf = bring(Source([record(0), record(1, input="unwritable")]), most_bad=0.5)
    assert [row.where for row in shelf.aside] == ["id 1"]
    assert shelf.kept is not None
    assert (shelf.kept.bad, shelf.kept.records) == (1, 0)


def test_retries_are_marked_and_counted() -> None:
    shelf = bring(Source([record(0, input="a", session="s"), record(1, input="a", session="s")]))
    assert [each.feedback for each in shelf.records] == ["retried", None]
    assert shelf.kept is not None
    assert (shelf.kept.retried, shelf.kept.feedback) == (1, {"retried": 1})


def test_cases_that_are_there_already_are_left_out() -> None:
    known = [Case(id="1", input="a"), Case(id="2", input="b")]
    rows: list[Found] = [
        Case(id="9", input="a"),
        Case(id="2", input="c"),
        Case(id="3", input="d"),
        Case(id="4", input="d"),
        record(5),
    ]
    new, imported = import_cases(Source(rows), known, Terms(name="a"), None, Shelf(), lambda rows, bad: None)
    assert [(case.id, case.origin) for case in new] == [("3", "expert"), ("5", "expert")]
    assert (imported.records, imported.repeated) == (2, 2)
    assert imported.remarks == ("1 cases were left out: another case of the corpus has their id (2)",)


def test_the_origin_of_cases_is_what_a_person_says_else_the_source_else_experts() -> None:
    rows = [Case(id="1", input="a", origin="synthetic", generator="g"), Case(id="2", input="b")]
    said, _ = import_cases(Source(rows), [], Terms(name="a"), "prior_system", Shelf(), lambda rows, bad: None)
    assert [case.origin for case in said] == ["prior_system", "prior_system"]
    own, _ = import_cases(Source(rows), [], Terms(name="a"), None, Shelf(), lambda rows, bad: None)
    assert [(case.origin, case.generator) for case in own] == [("synthetic", "g"), ("expert", None)]
