"""What a verb says next can be given as it stands: on the corpus that the verb was asked about."""

from pathlib import Path

import click
import pytest

from passmuster.cli.corpus.verbs import CORPUS_VERBS
from passmuster.cli.corpus.verbs import command as corpus
from passmuster.cli.main import status
from passmuster.cli.options import CorpusOptions

COMMON = ["datasets", "project", "as_json", "quiet", "no_color"]


def options(datasets: Path | None, project: Path | None) -> CorpusOptions:
    return CorpusOptions(json=False, quiet=False, color=False, project=project, datasets=datasets)


def leaves() -> list[click.Command]:
    found = []
    for verb in CORPUS_VERBS:
        each = corpus.get_command(click.Context(corpus), verb)
        assert each is not None
        found += list(each.commands.values()) if isinstance(each, click.Group) else [each]
    return found


def test_commands_name_the_folder_that_was_named() -> None:
    here = options(Path("my bank"), None).here

    assert here("Next: passmuster corpus clean · passmuster corpus label export OUT") == (
        "Next: passmuster corpus clean --datasets 'my bank' · passmuster corpus label export --datasets 'my bank' OUT"
    )
    assert here("Next: passmuster run") == "Next: passmuster run"


def test_commands_name_the_project_that_was_named() -> None:
    assert options(None, Path("p")).here("passmuster run, passmuster corpus diff A B") == (
        "passmuster run --project p, passmuster corpus diff --project p A B"
    )


def test_without_either_commands_stay_as_they_are() -> None:
    assert options(None, None).here("Next: passmuster corpus clean") == "Next: passmuster corpus clean"


def test_a_verb_and_its_errors_say_the_next_command_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(["corpus", "describe", "--datasets", str(tmp_path)]) == 2
    assert f"passmuster corpus import --datasets {tmp_path} LOGS.jsonl" in capsys.readouterr().err

    assert status(["corpus", "versions", "--datasets", str(tmp_path)]) == 0
    assert f"Next: passmuster corpus freeze --datasets {tmp_path}" in capsys.readouterr().err

    assert status(["corpus", "check", "--datasets", str(tmp_path)]) == 0
    assert f"passmuster corpus import --datasets {tmp_path} LOGS.jsonl" in capsys.readouterr().out


@pytest.mark.parametrize("each", leaves(), ids=lambda each: each.name)
def test_the_help_of_every_verb_ends_with_the_same_options(each: click.Command) -> None:
    assert [param.name for param in each.params if isinstance(param, click.Option)][-5:] == COMMON


def test_the_help_of_label_lists_whole_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["corpus", "label", "--help"]) == 0
    told = capsys.readouterr().out
    assert "..." not in told.partition("Verbs:")[2]
    assert told.endswith("person to decide.\n")


def test_a_corpus_without_cases_is_not_called_clean(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(["corpus", "contamination", "--datasets", str(tmp_path)]) == 2
    assert "there are no cases to look for" in capsys.readouterr().err
