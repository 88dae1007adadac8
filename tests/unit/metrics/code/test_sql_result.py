import sqlite3
from pathlib import Path
from typing import Any

import pytest
from tests.unit.metrics.code.running import failed, outcome_of, ran

from passmuster.errors import ConfigurationError
from passmuster.metrics.code.sql_result import SqlResult, outermost, row_key
from passmuster.records.program import Limits
from passmuster.records.score import Score

SETUP = """
create table city(name text, people integer, area real);
insert into city values ('Oslo', 700, 454.1), ('Rome', 2800, 1285.3), ('Bern', 130, 51.6), ('Nice', 340, null);
"""
METRIC = SqlResult(limits=Limits(seconds=4.0))


def against(query: str, **more: Any) -> dict[str, Any]:
    """Return a reference with a database of its own."""
    return {"setup": SETUP, "query": query, **more}


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("select name from city where people > 500", "passed"),
        ("```sql\nSELECT city.name AS n FROM city WHERE people >= 501;\n```", "passed"),
        ("select name from city where people > 500 order by name desc", "passed"),
        ("select name from city", "wrong"),
        ("select name, people from city where people > 500", "wrong"),
        ("select nam from city", "error"),
        ("select name from town", "error"),
        ("selct name from city", "syntax_error"),
        ("select name from city where", "syntax_error"),
        ("There are two.", "syntax_error"),
        ("select name from city; select 1", "syntax_error"),
        ("delete from city", "refused"),
        ("drop table city", "refused"),
        ("insert into city values ('x', 1, 1)", "refused"),
        ("attach database '/tmp/x' as x", "refused"),
        ("pragma user_version = 3", "refused"),
        ("select load_extension('x')", "refused"),
        ("with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n", "timeout"),
        ("with recursive n(i) as (select 1 union all select i + 1 from n) select i from n", "output"),
        ("select zeroblob(1000000000)", "memory"),
        ("", "no_code"),
        ("\ud800", "syntax_error"),
        ("select '\x00'", "syntax_error"),
    ],
)
def test_what_became_of_a_query_is_told_apart(text: str, outcome: str) -> None:
    found, _ = ran(METRIC, against("select name from city where people > 500"), text)
    assert found == outcome


def test_the_order_counts_where_the_right_query_has_one() -> None:
    backwards = "select name from city order by name desc"
    assert ran(METRIC, against("select name from city"), backwards)[0] == "passed"
    assert ran(METRIC, against("select name from city order by name"), backwards) == (
        "wrong",
        "the rows are right, their order is not",
    )
    inner = against("select name from (select name from city order by name)")
    assert ran(METRIC, inner, backwards)[0] == "passed"


def test_whether_the_order_counts_can_be_said() -> None:
    backwards = "select name from city order by name desc"
    assert (
        ran(METRIC, against("select name from city order by name", ordered=False), backwards)[0] == "passed"
    )
    assert ran(SqlResult(ordered=True), against("select name from city"), backwards)[0] == "wrong"


def test_rows_that_occur_twice_count_twice() -> None:
    assert ran(METRIC, against("select 1 from city"), "select 1 from city limit 3")[0] == "wrong"
    assert ran(METRIC, against("select 1 from city"), "select distinct 1 from city")[0] == "wrong"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1", "1.0", True),
        ("0.1 + 0.2", "0.3", True),
        ("1", "'1'", False),
        ("null", "''", False),
        ("null", "0", False),
        ("'a'", "'A'", False),
        ("9e999", "'inf'", True),
        ("x'00'", "x'01'", False),
        ("9007199254740993", "9007199254740992", False),
        ("1700000000123", "1700000000123.0", True),
        ("1700000000123", "1700000000124.0", False),
    ],
)
def test_values_are_compared_as_sqlite_means_them(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a column of the table
    assert (ran(METRIC, against(f"select {one}"), f"select {other}")[0] == "passed") is same


def test_rows_may_be_given_instead_of_a_query() -> None:
    reference = {"setup": SETUP, "rows": [["Oslo", 700], ["Rome", 2800.0]]}
    assert ran(METRIC, reference, "select name, people from city where people > 500")[0] == "passed"
    assert ran(METRIC, reference, "select people, name from city where people > 500")[0] == "wrong"


def test_missing_and_superfluous_rows_are_shown() -> None:
    score = outcome_of(
        METRIC,
        against("select name from city where people > 500"),
        "select name from city where people < 700",
    )
    assert isinstance(score, Score)
    assert score.details["missing"] == ['["Oslo"]', '["Rome"]']
    assert score.details["extra"] == ['["Bern"]', '["Nice"]']


@pytest.fixture
def databases(tmp_path: Path) -> Path:
    """Return a folder with a database named `world`."""
    with sqlite3.connect(tmp_path / "world.sqlite") as connection:
        connection.executescript(SETUP)
    connection.close()
    return tmp_path


def test_a_file_is_read_and_never_changed(databases: Path) -> None:
    before = (databases / "world.sqlite").read_bytes()
    one, many = SqlResult(database="world.sqlite"), SqlResult(database="{name}.sqlite")
    assert ran(one, "select count(*) from city", "select 4", databases)[0] == "passed"
    reference = {"query": "select count(*) from city", "database": "world"}
    assert ran(many, reference, "select 4", databases)[0] == "passed"
    for text in ("delete from city", "vacuum", "pragma journal_mode = wal", "update city set name = 'x'"):
        assert ran(one, "select 4", text, databases)[0] in {"refused", "error"}
    assert (databases / "world.sqlite").read_bytes() == before
    assert sorted(path.name for path in databases.iterdir()) == ["world.sqlite"]


def test_a_file_that_is_not_there_says_nothing_about_the_candidate(databases: Path) -> None:
    (databases / "text.sqlite").write_text("no database at all, but some text\n" * 100)
    assert failed(SqlResult(database="other.sqlite"), "select 1", "select 1", databases) == "not_run"
    assert (
        failed(SqlResult(database="text.sqlite"), "select * from t", "select 1", databases)
        == "wrong_reference"
    )


@pytest.mark.parametrize(
    ("reference", "kind"),
    [
        (None, "no_reference"),
        (3, "wrong_reference"),
        ("select 1", "wrong_reference"),
        ({"query": "select 1"}, "wrong_reference"),
        ({"setup": "create table t(a);"}, "wrong_reference"),
        ({"setup": SETUP, "query": "select 1", "rows": []}, "wrong_reference"),
        ({"setup": SETUP, "rows": [1]}, "wrong_reference"),
        ({"setup": SETUP, "query": "select nothing from nowhere"}, "wrong_reference"),
        ({"setup": "create tabel", "query": "select 1"}, "not_run"),
        ({"setup": SETUP, "query": "select 1", "database": "../../etc/passwd"}, "wrong_reference"),
        ({"setup": SETUP, "query": "select 1", "database": ".hidden"}, "wrong_reference"),
        ({"setup": SETUP, "query": "select 1", "ordered": "yes"}, "wrong_reference"),
    ],
)
def test_a_case_that_cannot_be_judged_says_nothing_about_the_candidate(reference: Any, kind: str) -> None:
    assert failed(METRIC, reference, "select 1") == kind


def test_a_path_is_needed_where_one_is_given() -> None:
    with pytest.raises(ConfigurationError, match="database"):
        SqlResult(database=" ")


def test_what_is_in_brackets_or_quotes_orders_nothing_outside() -> None:
    assert "order" not in outermost("select 'order by' from (select 1 order by 1) t where \"order by\" = 1")
    assert "order by" in outermost("select ')' from t order by a")
    assert "order" not in outermost("select 1 -- order by\n/* order by */ from [order by]")
    assert "order by" in outermost("select 1 /* it's a ( */ from t -- isn't (\n order by a")
    assert outermost("/*" + "a" * 100_000) == outermost("'" + '"' * 100_000) == " "


def test_row_keys_tell_numbers_from_texts() -> None:
    assert row_key([1]) == row_key([1.0]) == row_key([True])
    assert row_key([1]) != row_key(["1"])
