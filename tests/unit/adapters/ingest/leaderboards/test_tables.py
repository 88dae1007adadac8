"""Leaderboards in every form that they come in; whatever is in them, reading ends in a table or in words."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.ingest.leaderboards.cells import ends_of, name_of, number_of
from passmuster.adapters.ingest.leaderboards.directions import direction_of
from passmuster.adapters.ingest.leaderboards.table import TableWish, read_leaderboard
from passmuster.errors import ConfigurationError
from passmuster.records.leaderboard import PublicTable


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


ROWS = [{"Model": "a", "Acc": "90.5", "cost": 0}, {"Model": "b", "Acc": "80 %", "cost": 1.5}]


def values(table: PublicTable, column: str) -> dict[str, float]:
    return table.values(column)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.json", json.dumps(ROWS)),
        ("t.jsonl", "\n".join(map(json.dumps, ROWS))),
        ("t.csv", "Model,Acc,cost\na,90.5,0\nb,80 %,1.5\n"),
        ("t.csv", "Model;Acc;cost\na;90.5;0\nb;80 %;1.5\n"),
        ("t.yml", "- {Model: a, Acc: '90.5', cost: 0}\n- {Model: b, Acc: 80 %, cost: 1.5}\n"),
        ("t.json", json.dumps({"results": ROWS})),
        (
            "t.json",
            json.dumps({"columns": ["Model", "Acc", "cost"], "data": [["a", "90.5", 0], ["b", "80%", 1.5]]}),
        ),
        ("t.json", json.dumps({"a": {"Acc": 90.5, "cost": 0}, "b": {"Acc": 80, "cost": 1.5}})),
    ],
)
def test_every_form_gives_the_same_table(tmp_path: Path, name: str, text: str) -> None:
    table = read_leaderboard(written(tmp_path, name, text))
    assert values(table, "Acc") == {"a": 90.5, "b": 80.0}
    assert values(table, "cost") == {"b": 1.5}
    assert table.lead == "Acc"
    assert {column.role for column in table.columns} == {"sanity"}


def test_a_packed_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.json.gz"
    path.write_bytes(gzip.compress(json.dumps(ROWS).encode()))
    table = read_leaderboard(path)
    assert (table.name, len(table.rows)) == ("t", 2)


def test_a_cost_of_0_was_not_recorded_and_is_told(tmp_path: Path) -> None:
    table = read_leaderboard(written(tmp_path, "t.json", json.dumps(ROWS)))
    cost = table.column("cost")
    assert cost is not None
    assert (cost.n, cost.unrecorded, cost.direction) == (1, 1, "lower")
    assert any("cost is 0 in 1 rows: not recorded" in note for note in table.notes)


def test_a_score_of_0_is_a_score(tmp_path: Path) -> None:
    table = read_leaderboard(written(tmp_path, "t.csv", "model,accuracy\na,0\nb,1\n"))
    assert values(table, "accuracy") == {"a": 0.0, "b": 1.0}


def test_of_several_rows_of_a_model_the_best_is_taken_and_told_and_others_can_be_picked(
    tmp_path: Path,
) -> None:
    text = "model,edit_format,pass_rate_2\na,whole,60\na,diff,70\nb,diff,65\n"
    path = written(tmp_path, "t.csv", text)
    best = read_leaderboard(path)
    assert values(best, "pass_rate_2") == {"a": 70.0, "b": 65.0}
    assert any("a (2)" in note and "--where" in note for note in best.notes)
    picked = read_leaderboard(path, TableWish(where={"edit_format": "whole"}))
    assert values(picked, "pass_rate_2") == {"a": 60.0}


def test_a_comma_may_be_the_point_and_is_told(tmp_path: Path) -> None:
    text = "Model;Acc;cost\na;82,655;0,5\nb;79,353;0,25\n"
    table = read_leaderboard(written(tmp_path, "t.csv", text))
    assert values(table, "Acc") == {"a": 82.655, "b": 79.353}
    assert "commas are read as decimal points" in " ".join(table.notes)
    thousands = read_leaderboard(written(tmp_path, "u.csv", 'Model,Acc\na,"1,234"\nb,"1,100.5"\n'))
    assert values(thousands, "Acc") == {"a": 1234.0, "b": 1100.5}
    pairs = read_leaderboard(written(tmp_path, "v.csv", "Model;Acc;CI\na;82;80,84\nb;79;77,80\n"))
    assert (pairs.rows[0].figures["Acc"].low, pairs.rows[0].figures["Acc"].high) == (80.0, 84.0)


def test_rows_are_picked_by_the_models_column_too_and_a_column_that_is_not_there_is_told(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, "t.csv", "Model,Acc\na,1\nb,2\n")
    assert [row.model for row in read_leaderboard(path, TableWish(where={"Model": "b"})).rows] == ["b"]
    assert "no column form" in " ".join(read_leaderboard(path, TableWish(where={"form": "diff"})).notes)
    for text, where in (("Model,Acc\na,1\n", {"Model": "c"}), ("Model,Acc\n,1\n,2\n", {})):
        with pytest.raises(ConfigurationError, match="no row of the table is left"):
            read_leaderboard(written(tmp_path, "u.csv", text), TableWish(where=where))


def test_ends_of_intervals_are_no_columns_of_their_own(tmp_path: Path) -> None:
    text = 'model,score,rating_q025,rating_q975,CI,avg_tokens\na,80,78,83,"(-2.0, +3.0)",500\nb,70,69,71,"(-1, +1)",400\n'
    table = read_leaderboard(written(tmp_path, "t.csv", text))
    figure = table.rows[0].figures["score"]
    assert (figure.low, figure.high) == (78.0, 83.0)
    assert [column.name for column in table.columns] == ["score", "avg_tokens"]
    assert table.rows[0].figures["avg_tokens"].low is None


def test_a_column_of_offsets_gives_the_interval_where_there_is_no_other(tmp_path: Path) -> None:
    table = read_leaderboard(written(tmp_path, "t.csv", "model,elo,95% CI\na,1200,+5/-4\nb,1100,+3/-3\n"))
    figure = table.rows[0].figures["elo"]
    assert (figure.low, figure.high) == (1196.0, 1205.0)


def test_nobody_guesses_which_end_of_a_column_is_better_and_the_user_can_say_it(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", "model,plan relative\na,1\nb,2\n")
    assert read_leaderboard(path).lead is None
    said = read_leaderboard(path, TableWish(columns={"plan relative": "lower"}))
    assert said.lead == "plan relative"
    assert direction_of("Acc", {"Acc": "ignore"}) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "no rows"),
        ("[1, 2]", "is no object"),
        ('{"columns": ["Model", "Acc"], "data": [["a", 1], 7]}', "is no object"),
        ("7", "no list of models"),
        ("{", "no JSON"),
        ('[{"model": "a", "note": "b"}]', "no column of the table holds numbers"),
        ('[{"Acc": 1}, {"Acc": 2}]', "no column of the table holds the models' names"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_a_table_that_is_none_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as error:
        read_leaderboard(written(tmp_path, "t.json", text))
    assert "t.json" in str(error.value)


def test_a_file_of_another_kind_and_a_missing_one_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot tell the format"):
        read_leaderboard(written(tmp_path, "t.xlsx", ""))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_leaderboard(tmp_path / "none.json")


CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.lists(st.integers())
)


@given(CELLS)
def test_any_cell_is_a_finite_number_a_name_or_nothing(cell: object) -> None:
    number = number_of(cell)
    assert number is None or abs(number.value) < float("inf")
    ends_of(cell)
    name = name_of(cell)
    assert name is None or len(name) <= 200


@given(st.lists(st.dictionaries(st.text(max_size=8), CELLS, max_size=5), max_size=6))
def test_any_list_of_objects_is_a_table_or_a_message(rows: list[dict[str, object]]) -> None:
    import tempfile  # noqa: PLC0415 - hypothesis and function-scoped fixtures do not go together

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.json"
        path.write_text(json.dumps(rows), encoding="utf-8")
        try:
            table = read_leaderboard(path)
        except ConfigurationError:
            return
        assert len({row.model for row in table.rows}) == len(table.rows)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "models", "read", "lead"),
    [
        ("aider_architect.jsonl", 5, 20, "pass_rate_2"),
        ("aider_code-in-json.jsonl", 4, 44, "pass_rate_1"),
        ("aider_edit_leaderboard.jsonl", 98, 98, "pass_rate_2"),
        ("aider_polyglot_leaderboard.jsonl", 68, 69, "pass_rate_2"),
        ("aider_quant.jsonl", 14, 14, "pass_rate_2"),
        ("aider_refactor_leaderboard.jsonl", 14, 14, "pass_rate_1"),
        ("arena_hard_leaderboard_20240731.csv", 60, 60, "score"),
        ("zeroeval_crux.summary.json", 51, 51, "Acc"),
        ("zeroeval_gplanet.summary.json", 1, 1, "precision"),
        ("zeroeval_gsm.summary.json", 47, 47, "Acc"),
        ("zeroeval_math-l5.summary.json", 43, 43, "Acc"),
        ("zeroeval_mmlu-redux.summary.json", 57, 57, "Acc"),
        ("zeroeval_numersense-v2.summary.json", 9, 12, "Acc"),
        ("zeroeval_zebra-grid.summary.json", 69, 69, "Puzzle Acc"),
    ],
)
def test_public_tables_come_in_whole(data_folder: Path, name: str, models: int, read: int, lead: str) -> None:
    table = read_leaderboard(data_folder / "leaderboards" / name)
    assert (len(table.rows), table.rows_read, table.lead) == (models, read, lead)
    led = table.column(lead)
    assert led is not None
    assert led.n == models


@pytest.mark.data
def test_arena_hards_intervals_and_aiders_missing_costs_are_read(data_folder: Path) -> None:
    arena = read_leaderboard(data_folder / "leaderboards" / "arena_hard_leaderboard_20240731.csv")
    assert all(row.figures["score"].low is not None for row in arena.rows)
    aider = read_leaderboard(data_folder / "leaderboards" / "aider_polyglot_leaderboard.jsonl")
    cost = aider.column("total_cost")
    assert cost is not None
    assert (cost.n, cost.unrecorded) == (51, 17)
