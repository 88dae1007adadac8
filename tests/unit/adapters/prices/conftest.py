"""The public usage samples and their price cards."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from passmuster.adapters.prices.cards import Cards
from passmuster.adapters.prices.files import read_cards
from passmuster.records.money import Cost


class Sample(NamedTuple):
    """The answer of a company, read as one kind of API, with what it must cost (None: unknown)."""

    answer: Any
    number: int
    company: str
    flavor: str
    expected: tuple[Decimal, Decimal] | None

    @property
    def key(self) -> tuple[str, str, str | None]:
        return self.company, self.flavor, self.answer.get("model") or self.answer.get("modelVersion")

    def costs(self, cost: Cost | None) -> bool:
        """Return whether this is what it must cost, input and output apart, to 1e-9 US dollars."""
        if cost is None or self.expected is None:
            return cost is None and self.expected is None
        pairs = zip(cost[:2], self.expected, strict=True)
        return all(abs(Decimal(got) - want) <= Decimal("1e-9") for got, want in pairs)


@pytest.fixture(scope="session")
def when() -> datetime:
    """Return a day of the month that the cards and the expected prices were taken in."""
    return datetime(2026, 8, 15, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def samples(data_folder: Path) -> list[Sample]:
    with gzip.open(data_folder / "prices" / "genai_usage_samples.json.gz") as file:
        return list(_samples(json.load(file)))


@pytest.fixture(scope="session")
def cards(data_folder: Path) -> Cards:
    return read_cards(data_folder / "prices" / "genai_prices.json.gz")


def _samples(raw: Any) -> Iterator[Sample]:
    for number, sample in enumerate(raw):
        for group in sample["extracted"]:
            for who in group["extractors"]:
                expected = None
                if "input_price" in who:
                    expected = Decimal(who["input_price"]), Decimal(who["output_price"])
                yield Sample(sample["body"], number, who["provider_id"], who["api_flavor"], expected)
