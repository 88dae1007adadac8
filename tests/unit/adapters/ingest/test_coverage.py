"""What drift said of coverage is kept beside the cases, and a file that says something else says nothing."""

from pathlib import Path

import pytest

from passmuster.adapters.ingest.coverage import read_coverage, write_coverage
from passmuster.adapters.ingest.folder import CorpusFolder
from passmuster.records.corpus import Coverage

FOUND = Coverage(share=0.93, time=5.0, against=("october",), corpus="ab" * 16)


def test_it_comes_back(tmp_path: Path) -> None:
    folder = CorpusFolder(tmp_path)
    assert read_coverage(folder) is None
    write_coverage(folder, FOUND)
    assert read_coverage(folder) == FOUND


@pytest.mark.parametrize("text", ["", "[]", "{", '{"share": "much"}', "x" * 200_000])
def test_a_file_of_something_else_says_nothing(tmp_path: Path, text: str) -> None:
    folder = CorpusFolder(tmp_path)
    folder.coverage.write_text(text)
    assert read_coverage(folder) is None
