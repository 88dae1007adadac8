"""The stores that the contracts of stores are checked on; a new one is added to `STORES`."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from passmuster.adapters.store.sqlite import SqliteStore

Store = SqliteStore  # the union of all stores, once there are more
Opener = Callable[[], AbstractContextManager[Store]]
STORES: dict[str, Callable[[Path], Opener]] = {
    "sqlite": lambda folder: lambda: SqliteStore(folder / "store.sqlite"),
}


@pytest.fixture(params=sorted(STORES))
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Return what opens one and the same store, again and again."""
    return STORES[request.param](tmp_path)


@pytest.fixture
def store(opener: Opener) -> Iterator[Store]:
    """Return an open store."""
    with opener() as opened:
        yield opened
