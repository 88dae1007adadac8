"""Brings a store of an older release, or a new file, to the present schema. Loaded only when that is needed."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import StaticPool, create_engine

_FOLDER = Path(__file__).parent / "migrations"


def known(version: str) -> bool:
    """Return whether this release has the migration that a store says it stands at."""
    return version in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def head() -> str | None:
    """Return the newest migration."""
    return ScriptDirectory.from_config(_config()).get_current_head()


@contextmanager
def migrating(connection: sqlite3.Connection) -> Iterator[Callable[[], None]]:
    """Give a function that applies what is missing and commits the transaction which the caller has begun.

    Begin it inside this block: SQLAlchemy rolls back whatever is open when it takes a connection over.
    """
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    with engine.connect() as wrapped:
        config = _config()
        config.attributes["connection"] = wrapped

        def upgrade() -> None:
            command.upgrade(config, "head")
            wrapped.commit()

        yield upgrade


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", _FOLDER.as_posix().replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
