"""What users install is the wheel: it must hold everything that a verb reads, and work without the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and unpack it into a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
    ]
    subprocess.run([*build, "--wheel-dir", str(folder), str(ROOT)], check=True, capture_output=True)
    (wheel,) = folder.glob("passmuster-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


def _passmuster(site: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, "-m", "passmuster", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_wheel_runs_a_project_from_init_to_the_report(site: Path, tmp_path: Path) -> None:
    where = [sys.executable, "-c", "import passmuster; print(passmuster.__file__)"]
    loaded = subprocess.run(
        where,
        env={**os.environ, "PYTHONPATH": str(site)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.startswith(str(site))
    for arguments in (("init", "mine"), ("run", "--project", "mine"), ("compare", "--project", "mine")):
        done = _passmuster(site, tmp_path, *arguments)
        assert done.returncode == 0, done.stderr
    assert (
        (tmp_path / "mine/eval/reports/ticket-routing.html")
        .read_text(encoding="utf-8")
        .startswith("<!doctype html")
    )


def test_the_wheel_holds_the_demo_the_licence_and_the_mark_of_types(site: Path) -> None:
    names = {str(path.relative_to(site)) for path in site.rglob("*") if path.is_file()}
    assert "passmuster/py.typed" in names
    assert "passmuster/project/templates/demo/endpoints.yaml" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not any(name.startswith(("tests/", "docs/", "examples/")) for name in names)
