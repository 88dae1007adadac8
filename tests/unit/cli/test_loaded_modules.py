"""What `passmuster --help` loads: the standard library, click, and three small modules of ours."""

import subprocess
import sys

import pytest

LOADED = """
import sys
from passmuster.cli.main import status
code = status(sys.argv[1:])
print(*sorted(name for name in sys.modules if name.partition(".")[0] not in sys.stdlib_module_names), file=sys.stderr)
sys.exit(code)
"""
OURS = {"passmuster", "passmuster.cli", "passmuster.cli.main", "passmuster.errors"}
THIRD_PARTY = {"click"}


def loaded(*arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys\nsys.path[:0] = {sys.path!r}\n{LOADED}", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    return set(done.stderr.splitlines()[-1].split()) - {"__main__", "__mp_main__"}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["comapre"], []])
def test_help_and_wrong_verbs_load_no_verb_and_nothing_heavy(arguments: list[str]) -> None:
    names = loaded(*arguments)
    assert {name for name in names if name.startswith("passmuster")} == OURS
    assert {name.partition(".")[0] for name in names} - {"passmuster"} == THIRD_PARTY


def test_a_verb_loads_its_own_module_only() -> None:
    verbs = {name for name in loaded("schema", "--help") if name.startswith("passmuster.cli.")}
    assert verbs == {"passmuster.cli.main", "passmuster.cli.options", "passmuster.cli.schema"}
