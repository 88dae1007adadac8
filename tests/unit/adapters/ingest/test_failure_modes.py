"""`failure_modes.yaml` is written by people, and only ever added to."""

from pathlib import Path

import pytest

from passmuster.adapters.ingest.failure_modes import FailureModes
from passmuster.errors import CorpusError
from passmuster.records.failure_mode import FailureMode

WRITTEN = """\
# Our own words.
- name: wrong-team   # sent elsewhere
  description: Sent to a team that cannot help
  severity: high
  first_seen: 2026-11-21

- name: "made: up"
"""
NEW = FailureMode(
    name="no",
    description='says "no": # and\nmore',
    severity="critical",
    first_seen="2026-01-02",
    link="https://x/y?z=1#2",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "failure_modes.yaml"


def test_modes_are_read_as_they_stand(path: Path) -> None:
    path.write_text(WRITTEN)
    assert FailureModes(path).modes() == (
        FailureMode(
            name="wrong-team",
            description="Sent to a team that cannot help",
            severity="high",
            first_seen="2026-11-21",
        ),
        FailureMode(name="made: up"),
    )


@pytest.mark.parametrize("content", [None, "", "# nothing yet\n", "modes:\n", "[]\n"])
def test_without_a_mode_there_are_none(path: Path, content: str | None) -> None:
    if content is not None:
        path.write_text(content)
    assert FailureModes(path).modes() == ()


def test_a_new_mode_is_added_behind_and_what_was_written_stays(path: Path) -> None:
    path.write_text(WRITTEN)
    FailureModes(path).add(NEW)
    assert path.read_text().startswith(WRITTEN.rstrip())
    assert FailureModes(path).modes()[-1] == NEW
    assert len(FailureModes(path).modes()) == 3


def test_the_first_mode_makes_the_file_and_says_what_it_is_for(path: Path) -> None:
    FailureModes(path).add(NEW)
    FailureModes(path).add(FailureMode(name="second"))
    assert path.read_text().startswith("# The ways in which")
    assert [each.name for each in FailureModes(path).modes()] == ["no", "second"]


@pytest.mark.parametrize(
    "head", ["  - name: a\n", "modes:\n  - name: a\n", "- {name: a}\n", "-   name: a\n    link: x\n"]
)
def test_a_list_in_any_block_form_is_added_to(path: Path, head: str) -> None:
    path.write_text(head)
    FailureModes(path).add(NEW)
    assert [each.name for each in FailureModes(path).modes()] == ["a", "no"]


@pytest.mark.parametrize("text", ["[{name: a}]\n", "modes: [{name: a}]\n"])
def test_a_list_in_one_line_is_left_alone_and_the_entry_is_shown(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(CorpusError, match="by hand") as caught:
        FailureModes(path).add(NEW)
    assert '- name: "no"' in str(caught.value)
    assert path.read_text() == text


def test_a_name_that_is_taken_is_refused(path: Path) -> None:
    path.write_text(WRITTEN)
    with pytest.raises(CorpusError, match="is there already"):
        FailureModes(path).add(FailureMode(name="wrong-team"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- name: a\n  colour: red\n", r":2: a failure mode has no 'colour'"),
        ("- severity: high\n", r":1: the failure mode has no name"),
        ("- name: a\n- name: a\n", r":2: the failure mode 'a' stands twice"),
        ("- name: a\n  severity: grave\n", r"'grave' is no severity"),
        ("- a\n", r"expected a failure mode"),
        ("- name: [a]\n", r"name: expected text"),
        ("a: b\n", r"expected a list"),
        ("- name: 'a\n", r"not valid YAML"),
        ("- &a {name: *a}\n", r"expected text|not valid YAML"),
    ],
)
def test_a_slip_is_told_with_its_line(path: Path, text: str, said: str) -> None:
    path.write_text(text)
    with pytest.raises(CorpusError, match=said):
        FailureModes(path).modes()


def test_a_file_that_is_no_text_or_too_large_is_refused(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CorpusError, match="UTF-8"):
        FailureModes(path).modes()
    path.write_text("# x\n" * 400_000)
    with pytest.raises(CorpusError, match="bytes"):
        FailureModes(path).modes()


@pytest.mark.parametrize(
    "name", ["yes", "null", "~", "1", "a b", "a: b", "- a", "#a", "ünïcödé", "'q'", '"q"', "a\tb"]
)
def test_any_name_comes_back(path: Path, name: str) -> None:
    FailureModes(path).add(FailureMode(name=name, description=name))
    assert FailureModes(path).modes()[0].name == name


def test_a_name_of_a_field_that_is_no_text_is_not_unfolded(path: Path) -> None:
    shelves = ["&a0 [x]", *(f"&a{step} [{', '.join([f'*a{step - 1}'] * 9)}]" for step in range(1, 40))]
    path.write_text("- name: q\n  ? - " + "\n    - ".join(shelves) + "\n  : z\n")  # 9^39 texts, written out
    with pytest.raises(CorpusError, match="2: the name of a field is text"):
        FailureModes(path).modes()


def test_a_field_that_stands_twice_is_a_slip(path: Path) -> None:
    path.write_text("- name: q\n  severity: low\n  severity: critical\n")
    with pytest.raises(CorpusError, match="3: severity stands twice"):
        FailureModes(path).modes()
