"""Every promise of passmuster holds in repetition, and the shortcut beside it does not.

These are the simulations of `passmuster selfcheck`, with seeds of their own (docs/selfcheck.md). A method whose true rate is
just its limit is called broken with a chance below 1 in 1,000 with another seed; a check that lets the shortcut pass
fails too. Run with `-s` to see the measured figures.
"""

import pytest

from passmuster.decide.promises.promise import Promise, kept
from passmuster.decide.promises.registry import PROMISES
from passmuster.workflows.selfcheck import quickly

pytestmark = pytest.mark.slow

SEED = 20261122


@pytest.mark.parametrize("promise", PROMISES, ids=lambda each: each.name)
def test_a_promise_is_kept_where_the_shortcut_breaks_it(promise: Promise) -> None:
    found = kept(promise, SEED)
    print(f"{promise.name}: {found.sentence}")  # noqa: T201 - docs/selfcheck.md says that -s shows them

    assert found.state == "holds", found.sentence


@pytest.mark.parametrize("promise", PROMISES, ids=lambda each: each.name)
def test_a_quick_check_tells_too(promise: Promise) -> None:
    """Two seeds: a check that proves nothing in half of all seeds is seen in three of four."""
    found = [kept(promise, seed, quickly(promise)) for seed in range(2)]

    assert {each.state for each in found} == {"holds"}, [each.sentence for each in found]
