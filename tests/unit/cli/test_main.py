"""Errors, exit codes and help of the command line."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from passmuster.cli import main as cli
from passmuster.cli.verbs import Verbs
from passmuster.errors import IncompleteError, Place, StoreError, UsageError

PROJECT = """\
task: t
corpus: cases.jsonl
metrics: [exact_match]
candidates:
  - {name: always, provider: baseline, kind: constant, text: x}
"""
LATE = """
import select, sys
poll = select.poll()
poll.register(1, 0)
poll.poll()
from passmuster.cli.main import main
main(sys.argv[1:])
"""


def run(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int:
    @click.command()
    def failing() -> None:
        raise error

    monkeypatch.setattr(Verbs, "get_command", lambda *_: failing)
    return cli.status(["run"])


def test_a_wrong_verb_names_the_closest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.status(["comapre"]) == 2
    assert "There is no verb 'comapre'. Did you mean 'compare'?" in capsys.readouterr().err


def test_a_verb_like_no_other_lists_them_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.status(["xyzzy"]) == 2
    assert "Verbs: init, corpus, check" in " ".join(capsys.readouterr().err.replace("demo, ", "").split())


@pytest.mark.parametrize(
    ("error", "code"), [(UsageError("x"), 2), (IncompleteError("x"), 4), (StoreError("x"), 4)]
)
def test_an_error_of_ours_has_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, code: int
) -> None:
    assert run(monkeypatch, error) == code
    assert capsys.readouterr() == ("", "Error: x\n")


def test_place_and_hint_are_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    run(monkeypatch, UsageError("wrong", place=Place("a.yaml", 3, 4), hint="do this"))
    assert capsys.readouterr().err == "Error: a.yaml:3:4: wrong\n  do this\n"


def test_terminal_escapes_in_an_error_stay_harmless(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, UsageError("a\x1b[2Jb\x9b\u202e"))
    assert capsys.readouterr().err == "Error: a\ufffd[2Jb\ufffd\ufffd\n"


def test_an_unexpected_error_is_called_a_bug_and_is_no_verdict(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PASSMUSTER_DEBUG", raising=False)
    assert run(monkeypatch, RuntimeError("boom")) == cli.EXIT_BUG
    told = capsys.readouterr().err
    assert "This is a bug in passmuster" in told
    assert "Traceback" not in told


def test_the_traceback_is_there_for_who_asks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PASSMUSTER_DEBUG", "1")
    run(monkeypatch, RuntimeError("boom"))
    assert "Traceback" in capsys.readouterr().err


def test_ctrl_c_exits_with_130_and_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, KeyboardInterrupt()) == 130
    assert "give the same command again to go on" in capsys.readouterr().err


@pytest.mark.parametrize("verb", list(cli.VERBS))
def test_every_verb_of_the_table_exists_and_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.status([verb, "--help"]) == 0
    told = capsys.readouterr().out
    assert f"passmuster {verb}" in told
    assert "--json" in told or verb in {"corpus", "judge", "rate"}


def test_an_unknown_option_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.status(["run", "--limt", "3"]) == 2
    assert "--limit" in capsys.readouterr().err


def test_a_verdict_that_nobody_reads_is_no_pass(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # The stream is turned away from its reader for good, so it must not be that of the tests.
    with (tmp_path / "out").open("w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert run(monkeypatch, BrokenPipeError()) not in {0, 1, 2, 3, 4}


@pytest.mark.skipif(sys.platform == "win32", reason="a shell closes the stream")
def test_a_closed_output_changes_no_exit_code() -> None:
    command = [sys.executable, "-m", "passmuster", "schema"]
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *command], stderr=subprocess.PIPE, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell connects the streams")
@pytest.mark.parametrize("arguments", [["schema"], ["--help"]])
def test_what_nobody_reads_is_told_by_the_exit_code(arguments: list[str]) -> None:
    # The reader goes before we begin.
    script = 'exec 3>&1; { "$@"; echo $? >&3; } | exec 0<&- true'
    command = [sys.executable, "-c", LATE, *arguments]
    done = subprocess.run(["sh", "-c", script, "sh", *command], capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == (f"{cli.EXIT_UNREAD}\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk here that is always full")
@pytest.mark.parametrize("arguments", [["schema"], ["--help"], ["runs", "--json"]])
def test_output_that_cannot_be_written_is_no_bug_and_no_verdict(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "passmuster.yaml").write_text(PROJECT)
    (tmp_path / "cases.jsonl").write_text('{"id": "1", "input": "a", "reference": "x"}\n')
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "passmuster", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            text=True,
            check=False,
        )

    assert done.returncode == 4
    assert "the output cannot be written: No space left on device" in done.stderr
    assert "bug" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk here that is always full")
@pytest.mark.parametrize(("arguments", "codes"), [(["comapre"], {2, 4}), (["run"], {4})])
def test_words_that_cannot_be_written_make_no_verdict(
    tmp_path: Path, arguments: list[str], codes: set[int]
) -> None:
    (tmp_path / "passmuster.yaml").write_text(PROJECT)
    (tmp_path / "cases.jsonl").write_text('{"id": "1", "input": "a", "reference": "x"}\n')
    command = [sys.executable, "-m", "passmuster", *arguments]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stderr=full, stdout=subprocess.PIPE, cwd=tmp_path, check=False)

    assert done.returncode in codes
