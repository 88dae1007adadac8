"""Rows of any database that SQLAlchemy reaches, fetched in small portions, and never its password in any message."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from passmuster.adapters.ingest.tabular import Good, Item
from passmuster.adapters.ingest.tabular_values import json_value
from passmuster.errors import CorpusError, MissingExtraError, UsageError

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

PORTION = 1_000
"""Rows that are fetched at once."""

_DRIVERS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "postgresql": (("psycopg2", "psycopg2"), ("psycopg", "psycopg"), ("pg8000", "pg8000")),
    "mysql": (("MySQLdb", "mysqldb"), ("pymysql", "pymysql"), ("mysql.connector", "mysqlconnector")),
}
_DRIVERS |= {"mariadb": _DRIVERS["mysql"]}  # type: ignore[operator]
"""Database -> modules that speak with it and what SQLAlchemy calls them: the first that is installed is used."""
_INSTALL = {
    "postgresql": "psycopg[binary]",
    "mysql": "pymysql",
    "mariadb": "pymysql",
    "mssql": "pyodbc",
    "oracle": "oracledb",
}
_TABLES_NAMED = 20
_HIDDEN = "***"


class SqlRows:
    """The rows that a query gives, as objects; go through it once.

    Nothing is written: the transaction is rolled back at the end, and a file of SQLite is opened for reading.

    Args:
        address: `postgresql://user:password@host/database`, `sqlite:///file.db`, and so on.
        query: What to select, in the words of the database.

    Raises:
        UsageError: where the address is none, or there is no query.
        MissingExtraError: where the driver is not installed.
    """

    def __init__(self, address: str, query: str | None) -> None:
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            url = make_url(address)
        except (ArgumentError, ValueError):
            raise UsageError(
                f"the address of the database cannot be read: {concealed(address)}",
                hint="It looks like postgresql://user:password@host:5432/database; signs such as @ and / in a "
                "password are written as %40 and %2F.",
            ) from None
        self._url = _read_only(_with_driver(url))
        self._secrets = _secrets(url)
        self.name = _shown(url)
        """The address without what is secret in it."""
        self._engine = self._made()
        self._query = query or self._refuse_no_query()

    def __iter__(self) -> Iterator[Item]:
        """Go through the rows.

        Raises:
            CorpusError: where the database cannot be reached, refuses the query, or goes away in the middle.
        """
        from sqlalchemy.exc import SQLAlchemyError

        number = 0
        try:
            with self._connection() as connection:
                result = connection.exec_driver_sql(self._query)
                if not result.returns_rows:
                    raise UsageError("the query gives no rows", hint="Use a SELECT.")
                names = list(result.keys())
                _refuse_doubled(names)
                for number, row in enumerate(result, start=1):
                    yield Good(number, dict(zip(names, map(json_value, row), strict=True)))
        except SQLAlchemyError as error:
            raise self._failed(error, number) from None
        finally:
            self._engine.dispose()

    def _connection(self) -> "Connection":
        return self._engine.connect().execution_options(
            stream_results=True, yield_per=PORTION, no_parameters=True
        )

    def _made(self) -> "Engine":
        from sqlalchemy import create_engine
        from sqlalchemy.exc import SQLAlchemyError

        kind = self._url.get_backend_name()
        try:
            return create_engine(self._url)
        except ModuleNotFoundError as error:
            raise MissingExtraError(
                f"the driver for {kind} is not installed: {error.name}",
                hint=f"pip install {_INSTALL.get(kind, error.name)!r}",
            ) from None
        except SQLAlchemyError as error:
            raise UsageError(f"{self.name}: {self._words(error)}") from None

    def _refuse_no_query(self) -> str:
        from sqlalchemy import inspect
        from sqlalchemy.exc import SQLAlchemyError

        tables: list[str] = []
        with suppress(SQLAlchemyError), self._engine.connect() as connection:
            tables = inspect(connection).get_table_names()[:_TABLES_NAMED]
        self._engine.dispose()
        found = f" Its tables are: {', '.join(tables)}." if tables else ""
        example = tables[0] if tables else "calls"
        raise UsageError(
            "a database is read by a query, and there is none",
            hint=f"Say what to select: --query 'SELECT * FROM {example}'.{found}",  # noqa: S608  # an example to copy
        )

    def _failed(self, error: Exception, number: int) -> CorpusError:
        if number:
            message = f"{self.name}: the database went away after {number:,} rows: {self._words(error)}"
            return CorpusError(message, hint="Nothing was imported. Start again once it is back.")
        return CorpusError(
            f"{self.name}: {self._words(error)}",
            hint="Check the address, the rights of the user and the query.",
        )

    def _words(self, error: Exception) -> str:
        said = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
        for secret in self._secrets:
            said = said.replace(secret, _HIDDEN)
        return " ".join(said.split())[:500]


def concealed(address: str) -> str:
    """Return an address that nobody could read, without anything that may be a secret: all but its beginning.

    Example:
        >>> concealed("postgres//ann:secret@host/db")
        'postgres//***'
    """
    found = re.match(r"[A-Za-z][\w+.-]*:?/{0,3}", address)
    return f"{found[0] if found else ''}{_HIDDEN}"


def _secrets(url: "URL") -> list[str]:
    """Return all that must not be shown, in each way that it may be written; long ones first."""
    values = [url.password or ""]
    for value in url.query.values():
        values += [value] if isinstance(value, str) else list(value)
    spelled = {way(value) for value in values if len(value) > 1 for way in (str, quote, quote_plus)}
    return sorted(spelled, key=len, reverse=True)


def _shown(url: "URL") -> str:
    hidden = dict.fromkeys(url.query, _HIDDEN)
    return url.set(query=hidden).render_as_string(hide_password=True).replace("%2A%2A%2A", _HIDDEN)


def _with_driver(url: "URL") -> "URL":
    """Return the address with the driver that is installed, where it names none."""
    if url.drivername == "postgres":
        url = url.set(drivername="postgresql")
    for module, driver in _DRIVERS.get(url.drivername, ()):
        if find_spec(module.partition(".")[0]) is not None:
            return url.set(drivername=f"{url.drivername}+{driver}")
    return url


def _read_only(url: "URL") -> "URL":
    """Return the address of a SQLite file such that it is only read, and not made where it does not exist."""
    database = url.database
    if url.get_backend_name() != "sqlite" or not database or database.startswith((":", "file:")):
        return url
    if not Path(database).is_file():
        raise CorpusError(f"there is no such database: {database}")
    query: dict[str, Any] = {**url.query, "mode": "ro", "uri": "true"}
    return url.set(database=f"file:{quote(database)}", query=query)


def _refuse_doubled(names: list[str]) -> None:
    twin = next((name for name in names if names.count(name) > 1), None)
    if twin is not None:
        raise UsageError(
            f"the query gives two columns called {twin!r}", hint=f"Rename one: SELECT ... AS other_{twin}"
        )
