"""Before much is spent somebody is asked, and where nobody is there nothing is spent."""

import sys
from types import SimpleNamespace
from typing import Any

import click
import pytest

from passmuster.cli.spending import agreed
from passmuster.errors import UsageError


def expected(*costs: float | None) -> Any:
    return SimpleNamespace(candidates=[SimpleNamespace(expected=cost) for cost in costs])


def test_a_little_needs_no_word() -> None:
    assert agreed(expected(0.4, None, 0.6), 1.0)


def test_much_is_refused_where_nobody_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: False))
    with pytest.raises(UsageError, match=r"expected to spend \$1.20, more than \$1.00") as caught:
        agreed(expected(0.6, 0.6), 1.0)
    assert "--yes" in str(caught.value)


@pytest.mark.parametrize("answer", [True, False])
def test_whoever_is_there_decides(monkeypatch: pytest.MonkeyPatch, *, answer: bool) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(click, "confirm", lambda *_, **__: answer)
    assert agreed(expected(5.0), 1.0) is answer
