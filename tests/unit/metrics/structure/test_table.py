"""table: CSV and Markdown with required columns in order."""

from typing import Any, Literal

import pytest

from passmuster.errors import ConfigurationError
from passmuster.metrics.structure.table import TableColumns
from passmuster.records.case import Case
from passmuster.records.score import Score
from passmuster.records.trial import Reply

MARKDOWN = "| name | price |\n|------|------:|\n| tea  | 3     |\n"


def scored(form: Literal["csv", "markdown"], text: str, *columns: str, **options: Any) -> Score:
    metric = TableColumns(form=form, columns=columns, **options)
    outcome = metric.score(Case(id="1", input="q"), Reply(text=text))
    assert isinstance(outcome, Score)
    return outcome


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("name,price\ntea,3\n", 1),
        ('name,price\n"tea, green",3\n', 1),
        ('name,price\n"tea\ngreen",3\n', 1),
        ("name,origin,price\ntea,IN,3\n", 1),
        ("price,name\n3,tea\n", 0),
        ("name\ntea\n", 0),
        ("name,price,price\ntea,3,4\n", 0),
        ("name,price\n", 0),
        ("name,price\ntea\n", 0),
        ("name,price\ntea,3,4\n", 0),
        ('name,price\n"tea,3\n', 0),
        ("Name,price\ntea,3\n", 0),
        ("", 0),
    ],
)
def test_csv_needs_the_columns_in_order_and_rows_that_fit(text: str, value: int) -> None:
    assert scored("csv", text, "name", "price").value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (MARKDOWN, 1),
        ("name | price\n--- | ---\ntea | 3", 1),
        ("| name | price |\n|:-:|:-:|\n| a \\| b | 3 |", 1),
        ("| name | price |\n| a | 3 |", 0),
        ("| name | price |\n|---|\n| a | 3 |", 0),
        ("| name | price |\n|---|---|\n| a |", 0),
        ("| price | name |\n|---|---|\n| 3 | a |", 0),
        ("name,price\ntea,3", 0),
    ],
)
def test_markdown_needs_a_line_of_dashes_too(text: str, value: int) -> None:
    assert scored("markdown", text, "name", "price").value == value


def test_what_is_wrong_is_a_part_and_is_named() -> None:
    score = scored("csv", "price,colour\n3,red\n4\n", "name", "price", only=True)
    assert score.details["parts"] == {"table": 1, "columns": 0, "order": 0, "rows": 0}
    assert (score.details["missing"], score.details["others"]) == (["name"], ["colour"])
    assert (score.details["row_count"], score.details["uneven_rows"]) == (2, [2])


def test_only_the_named_columns_may_be_there_when_only_these_may() -> None:
    text = "name,origin,price\ntea,IN,3\n"
    assert scored("csv", text, "name", "price", only=True).value == 0
    assert scored("csv", text, "name", "origin", "price", only=True).value == 1


def test_names_are_compared_after_normalising() -> None:
    assert scored("csv", " NAME ,Price\ntea,3\n", "name", "price", normalise=("case",)).value == 1


def test_words_around_a_table_are_refused_unless_they_are_allowed() -> None:
    text = f"Here:\n\n{MARKDOWN}\nThat is all."
    refused = scored("markdown", text, "name")
    assert (refused.value, refused.details["reason"]) == (0, "words stand around the table")
    assert scored("markdown", text, "name", among_words=True).value == 1


def test_a_fence_is_refused_unless_it_is_allowed() -> None:
    text = "```csv\nname\ntea\n```"
    assert scored("csv", text, "name").value == 0
    assert scored("csv", text, "name", fenced=True).value == 1


def test_another_delimiter_and_a_least_number_of_rows() -> None:
    assert scored("csv", "a;b\n1;2\n", "a", "b", delimiter=";", rows=1).value == 1
    assert scored("csv", "a;b\n1;2\n", "a", "b", delimiter=";", rows=2).value == 0


@pytest.mark.parametrize("text", ["name\tprice\ntea\t3\nice\t", "\n\tname\tprice\n1\ttea\t3\n  \n"])
def test_empty_cells_at_the_ends_of_tabbed_text_are_cells(text: str) -> None:
    assert scored("csv", text, "name", "price", delimiter="\t").value == 1


def test_a_column_that_stands_there_twice_is_named() -> None:
    score = scored("csv", "name,price,price\ntea,3,4\n", "name", "price")
    assert (score.value, score.details["repeated"]) == (0, ["price"])
    assert "repeated" not in scored("csv", "name,price\n", "name").details


def test_only_the_end_of_a_line_ends_a_row_of_markdown() -> None:
    assert scored("markdown", "| name |\r\n|---|\r\n| green\u2028tea\x0b\x85 |\r\n", "name").value == 1


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n"])
def test_what_is_no_delimiter_is_a_configuration_error(delimiter: str) -> None:
    with pytest.raises(ConfigurationError, match="is no delimiter"):
        TableColumns(form="csv", delimiter=delimiter)


def test_csv_among_words_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match="CSV has no end"):
        TableColumns(form="csv", among_words=True)
