"""What may stand in a file that is handed on: no address of a package index, no path of one machine."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORBIDDEN = {
    # Written in pieces: this file is tracked, too.
    "a path of one machine": re.compile(r"/(?:work|home|Users)/" + r"\w", re.IGNORECASE),
    "a home folder": re.compile("/" + r"root\b"),
    "an index address": re.compile(
        "py" + r"pi\.org|" + "files.python" + "hosted|extra-" + "index-url|--find" + "-links"
    ),
    "a shared folder": re.compile(r"\.\./" + "shared"),
    "a conflict": re.compile("^(?:<{7}|>{7}) ", re.MULTILINE),
}
ALLOWED = {(".ci/run", "a shared folder")}
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """Return the files that git tracks."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    names = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for name in names.stdout.split("\0") if name and (path := ROOT / name).is_file()]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_names(what: str, tracked: list[Path]) -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in tracked
        if (str(path.relative_to(ROOT)), what) not in ALLOWED and FORBIDDEN[what].search(_text(path))
    ]

    assert found == []


def test_no_tracked_file_is_large(tracked: list[Path]) -> None:
    assert [path.name for path in tracked if path.stat().st_size > 600_000] == []


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_every_pinned_requirement_has_hashes(path: Path) -> None:
    blocks = re.split(r"^(?=[A-Za-z0-9])", path.read_text(), flags=re.MULTILINE)
    pins = [block for block in blocks if re.match("[A-Za-z0-9]", block)]

    assert len(pins) > 20
    assert [pin for pin in pins if not re.match(r"\S+==\S+", pin) or "--hash=sha256:" not in pin] == []


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_no_requirement_is_an_address_or_an_option(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")]

    assert [line for line in lines if "://" in line or "file:" in line or line.startswith("-")] == []


def test_every_dependency_of_the_project_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = set(
        re.findall(r"^([A-Za-z0-9_.-]+)==", (ROOT / "requirements/runtime.txt").read_text(), re.MULTILINE)
    )
    named = {_name(requirement) for requirement in project["dependencies"]}

    assert named <= {_name(pin) for pin in pinned}


def _name(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9_.-]+", requirement)
    assert match is not None
    return match.group().lower().replace("_", "-")


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="ignore")
