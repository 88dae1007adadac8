"""The documentation is true: its Python runs, its commands work, and its options exist.

- A ```python block runs, after those above it on the page.
- A line `$ passmuster ...` in a ```console block runs, in order, in the folder of a project that `init` made and
  `run` ran; `# exit 3` after it says how it ends. Other commands (make, pip, git) are read past.
- In every other block such a line must name a verb and options that exist.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest

from passmuster.cli.main import VERBS, group

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES += sorted((ROOT / "examples").rglob("*.md"))
ENDLESS = {"simulate"}
TIMEOUT = 120


class Block(NamedTuple):
    """A fenced block: the word after the fence, its text, and the line on which it begins."""

    language: str
    text: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    for found in re.finditer(r"^( *)```([^\n`]*)\n(.*?)^\1```$", text, flags=re.MULTILINE | re.DOTALL):
        indent = len(found[1])
        body = "".join(line[indent:] or "\n" for line in found[3].splitlines(keepends=True))
        yield Block(found[2].strip(), body, text.count("\n", 0, found.start()) + 1)


def commands(block: Block) -> Iterator[str]:
    """Yield what follows `$ ` in a block, lines that end in a backslash joined."""
    for line in block.text.replace("\\\n", " ").splitlines():
        if line.startswith("$ "):
            yield line[2:]


def shown(page: Path) -> str:
    """Return a page as a test's name."""
    return str(page.relative_to(ROOT))


def with_(language: str) -> list[Any]:
    """Return the pages that have such blocks, those marked that need the public data sets."""
    found = [page for page in PAGES if any(block.language == language for block in blocks(page))]
    return [
        pytest.param(page, marks=pytest.mark.data if "PASSMUSTER_DATA" in page.read_text() else ())
        for page in found
    ]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a project and run it."""
    folder = tmp_path_factory.mktemp("docs") / "my-project"
    for arguments in (["init", str(folder)], ["run", "--project", str(folder)]):
        subprocess.run([str(BIN / "passmuster"), *arguments], check=True, capture_output=True)
    return folder


@pytest.fixture
def project(finished: Path, tmp_path: Path) -> Path:
    """Return a copy of the project."""
    return shutil.copytree(finished, tmp_path / "my-project")


@pytest.mark.parametrize("page", with_("python"), ids=shown)
def test_the_python_of_a_page_runs(page: Path, project: Path) -> None:
    program: list[str] = []
    for block in blocks(page):
        if block.language == "python":
            program.append("\n" * (block.line - "".join(program).count("\n")) + block.text)

    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", "".join(program)],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )

    assert result.returncode == 0, f"{shown(page)}:\n{result.stderr}"


@pytest.mark.slow
@pytest.mark.parametrize("page", with_("console"), ids=shown)
def test_the_commands_of_a_page_work(page: Path, project: Path, request: pytest.FixtureRequest) -> None:
    folder = project
    if "PASSMUSTER_DATA" in page.read_text():
        os.environ["PASSMUSTER_DATA"] = str(request.getfixturevalue("data_folder"))
        folder = shutil.copytree(ROOT / "examples", project / "examples").parent
    for block in blocks(page):
        for command in commands(block) if block.language == "console" else ():
            folder = run(command, folder, page)


def run(command: str, folder: Path, page: Path) -> Path:
    """Run a command of a page and return the folder that the next one runs in."""
    command, _, note = command.partition("  #")
    for part in command.split(" && "):
        words = shlex.split(part, comments=True)
        if words[0] == "cd":
            folder = folder / words[1]
        elif words[0] == "passmuster" and words[1] not in ENDLESS:
            told = re.search(r"exit (\d+)", note)
            result = subprocess.run(
                ["bash", "-c", part],
                cwd=folder,
                env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"},
                capture_output=True,
                text=True,
                timeout=TIMEOUT,
                check=False,
            )
            expected = int(told[1]) if told else 0
            assert result.returncode == expected, f"{shown(page)}: {part}\n{result.stderr}"
    return folder


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_verb_and_option_on_a_page_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = [command for block in blocks(page) for command in commands(block)]
    named += re.findall(r"`(passmuster [a-z][^`]*)`", text)
    wrong = [problem for command in named for problem in unknown(command)]

    assert wrong == []


def inner(verb: click.Group, words: list[str]) -> tuple[click.Command | None, list[str]]:
    """Return the innermost verb that these words name, and the words from its name's predecessor on."""
    found: click.Command | None = verb
    while isinstance(found, click.Group) and len(words) > 1 and words[1].isalpha() and words[1].islower():
        found, words = (
            found.get_command(click.Context(found), words[1]),
            (words if found is None else words[1:]),
        )
    return found, ["passmuster", *words]


def unknown(command: str) -> Iterator[str]:
    """Yield what a command names that there is not."""
    for part in re.split(r"&&|\||;|  #", command):
        words = part.replace("…", "").split()
        if words[:1] != ["passmuster"] or len(words) < 2 or not words[1].isalpha() or words[1].isupper():
            continue
        if words[1] not in VERBS:
            yield f"{command}: there is no verb {words[1]}"
            continue
        verb = group.get_command(click.Context(group), words[1])
        assert verb is not None
        if isinstance(verb, click.Group):
            verb, words = inner(verb, words[1:])
        if verb is None:
            yield f"{command}: there is no verb {words[1]}"
            continue
        options = {option for parameter in verb.params for option in parameter.opts} | {"--help", "-h"}
        yield from (
            f"{command}: {words[1]} has no {word}"
            for word in words[2:]
            if word.startswith("-") and word.partition("=")[0].strip("[]") not in options
        )
