"""Tables come back as they were written, and no cell of them is run by a spreadsheet."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.files.rows import RowReader
from passmuster.adapters.files.tables import TRIGGERS, without_apostrophe, write_table
from passmuster.errors import CorpusError

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


@given(cells=st.lists(CELLS, min_size=1, max_size=5), ending=st.sampled_from(["csv", "jsonl"]))
def test_any_cell_comes_back(tmp_path_factory: pytest.TempPathFactory, cells: list[str], ending: str) -> None:
    path = tmp_path_factory.mktemp("table") / f"t.{ending}"
    rows = [{"name": "x", "said": cell} for cell in cells]
    write_table(path, ["name", "said"], rows)
    found = [str(row.values["said"]) for row in RowReader(path, CorpusError)]

    if ending == "csv":
        assert not any(cell.startswith(TRIGGERS) for cell in found)
        found = [without_apostrophe(cell) for cell in found]
        # A cell that came with an apostrophe before a sign is not told from one that was given it.
        cells = [without_apostrophe(cell) for cell in cells]
    assert found == cells


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"cannot write a sheet as 't.xlsx'"):
        write_table(tmp_path / "t.xlsx", ["a"], [])
    assert not list(tmp_path.iterdir())
