"""Prices from a file of the user's: nothing is ever downloaded for them."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Protocol

from passmuster.ports import Clock
from passmuster.records.candidate import Candidate, Price


class _Cards(Protocol):
    """A file that has been read."""

    def find(self, candidate: Candidate, now: datetime, company: str | None = None) -> Price | None:
        """Return the price of a candidate's model at a moment, or None."""


class FilePrices:
    """Finds the price of a candidate's model in a file of price cards, which is read at the first look-up.

    In the form of genai-prices a company is found by the candidate's endpoint, as in the package's own data;
    in that of LiteLLM the name of the model decides. `company` and `model` stand in for what the candidate
    has, where the file calls them otherwise.

    Args:
        path: The file, as it is or gzipped.
        clock: Says which day it is.
        company: The file's identifier of the company, instead of the endpoint's.
        model: The file's name of the model, instead of the candidate's.
    """

    def __init__(
        self, path: Path, clock: Clock, *, company: str | None = None, model: str | None = None
    ) -> None:
        self._path = path
        self._clock = clock
        self._company = company
        self._model = model

    def find(self, candidate: Candidate) -> Price | None:
        """Return the price in US dollars per million tokens, or None where the file has none.

        Raises:
            ConfigurationError: where the file cannot be read, or its price of this model is none.
        """
        if candidate.kind != "llm" or (self._model or candidate.model) is None:
            return None
        named = replace(candidate, model=self._model or candidate.model)
        return self._cards.find(named, datetime.fromtimestamp(self._clock.now(), tz=UTC), self._company)

    @cached_property
    def _cards(self) -> _Cards:
        from passmuster.adapters.prices.files import read_file

        return read_file(self._path)
