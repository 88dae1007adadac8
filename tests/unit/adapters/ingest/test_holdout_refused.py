"""Whoever reads rows that a person names refuses a holdout, also under another name, and inside of a folder."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from passmuster.adapters.ingest.formats.joined import rows_below
from passmuster.adapters.ingest.formats.promptfoo_files import promptfoo_rows
from passmuster.adapters.ingest.importing_rows import open_rows
from passmuster.adapters.ingest.labels import read_labels
from passmuster.adapters.ingest.labels_exchange import read_exchange
from passmuster.adapters.ingest.texts import passages
from passmuster.adapters.ingest.traces import find_record
from passmuster.errors import SealError
from passmuster.records.label import LabelForm

ROW = {"id": "1", "case": "1", "label": "x", "vars": {"q": "secret"}}


@pytest.fixture
def holdout(tmp_path: Path) -> Path:
    path = tmp_path / "scores" / "Holdout.jsonl"
    path.parent.mkdir()
    path.write_text(json.dumps(ROW) + "\n")
    return path


def test_a_link_with_another_name_is_one_too(holdout: Path) -> None:
    link = holdout.with_name("tune.jsonl")
    link.symlink_to(holdout)

    with pytest.raises(SealError, match="this is a holdout"):
        list(passages(link))


@pytest.mark.parametrize(
    "read",
    [
        passages,
        lambda path: passages(path.parent.parent),
        lambda path: read_labels(path, LabelForm(annotator="ana")),
        lambda path: read_exchange(path) or (),
        lambda path: [find_record(path, "1", None)],
        lambda path: rows_below(path.parent.parent, ["scores"]),
        lambda path: open_rows([str(path)], None, None),
    ],
)
def test_every_reader_refuses_it(holdout: Path, read: Callable[[Path], Iterable[object]]) -> None:
    with pytest.raises(SealError, match="this is a holdout"):
        list(read(holdout))


@pytest.mark.parametrize(
    "config",
    [
        "prompts: [a]\ntests: file://scores/Holdout.jsonl\n",
        "prompts: [a]\ntests: 'file://scores/*.jsonl'\n",
        "prompts: [a]\ntests:\n  - vars: {q: 'file://scores/Holdout.jsonl'}\n",
        "prompts: [a]\ndefaultTest: file://scores/Holdout.jsonl\ntests: []\n",
    ],
)
def test_a_configuration_cannot_name_it(holdout: Path, config: str) -> None:
    path = holdout.parent.parent / "promptfoo.yaml"
    path.write_text(config)

    with pytest.raises(SealError, match="this is a holdout"):
        list(promptfoo_rows(path))
