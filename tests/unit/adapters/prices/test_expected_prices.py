"""Every expected price of the public usage samples, to 1e-9 US dollars, with the cards of the same folder."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from passmuster.adapters.prices.cards import Cards
from passmuster.adapters.prices.files import read_cards
from passmuster.adapters.prices.usage import read_usage
from passmuster.records.money import Cost, token_costs

NEAR = 1e-9
WHEN = datetime(2026, 8, 15, 12, tzinfo=UTC)
"""The month of the cards."""

NO_COMPANY = "the cards have no such company"
NO_MODEL = "the cards of this company do not have the model"
ONE_OUTPUT = "the card prices text and images of the output alike, the expected price does not"
NO_PRICE = "the card has no price: unknown, where 0 is expected"
EXCEPTIONS = {
    ("zai", "chat", "glm-5.2"): (1, NO_COMPANY),
    ("aws", "anthropic", "openai.gpt-5.6-luna"): (5, NO_MODEL),
    ("google", "default", "gemini-2.5-flash-image"): (4, ONE_OUTPUT),
    ("google", "default", "gemini-3-pro-image-preview"): (1, ONE_OUTPUT),
    ("cerebras", "chat", "qwen-3-coder-480b"): (2, NO_PRICE),
}
"""How many expected prices of a company, kind of API and model these cards cannot give, and why."""


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


@pytest.fixture(scope="module")
def samples(data_folder: Path) -> list[Sample]:
    with gzip.open(data_folder / "prices" / "genai_usage_samples.json.gz") as file:
        return list(_samples(json.load(file)))


def _samples(raw: Any) -> Iterator[Sample]:
    for number, sample in enumerate(raw):
        for group in sample["extracted"]:
            for who in group["extractors"]:
                expected = None
                if "input_price" in who:
                    expected = Decimal(who["input_price"]), Decimal(who["output_price"])
                yield Sample(sample["body"], number, who["provider_id"], who["api_flavor"], expected)


@pytest.fixture(scope="module")
def cards(data_folder: Path) -> Cards:
    return read_cards(data_folder / "prices" / "genai_prices.json.gz")


def cost_of(sample: Sample, cards: Cards) -> Cost | None:
    """Take the way of the engine: the answer, its usage, the card of that model and day, the cost."""
    reported = read_usage(sample.answer, sample.company, sample.flavor, cards.snapshot)
    if reported is None or reported.model is None:
        return None
    try:
        price = cards.look_up(reported.model, WHEN, sample.company)
    except LookupError:
        return None
    return token_costs(reported.usage, price)


def is_exact(cost: Cost | None, expected: tuple[Decimal, Decimal]) -> bool:
    return cost is not None and all(
        abs(Decimal(got) - want) <= Decimal(NEAR) for got, want in zip(cost[:2], expected, strict=True)
    )


@pytest.mark.data
def test_every_expected_price_is_met_but_for_the_exceptions(samples: list[Sample], cards: Cards) -> None:
    expected = [sample for sample in samples if sample.expected is not None]
    wrong = Counter(
        sample.key
        for sample in expected
        if sample.expected is not None and not is_exact(cost_of(sample, cards), sample.expected)
    )

    assert len(expected) == 3474
    assert wrong == {key: count for key, (count, _) in EXCEPTIONS.items()}


@pytest.mark.data
def test_the_reasons_of_the_exceptions_hold(samples: list[Sample], cards: Cards) -> None:
    excepted = {sample.key: sample for sample in samples if sample.expected and sample.key in EXCEPTIONS}

    def reason(key: tuple[str, str, str | None], sample: Sample) -> str:
        try:
            price = cards.look_up(str(key[2]), WHEN, key[0])
        except LookupError as error:
            return NO_COMPANY if "provider_id" in str(error) else NO_MODEL
        if price is None:
            return NO_PRICE
        details = sample.answer["usageMetadata"]["candidatesTokensDetails"]
        assert "IMAGE" in {detail["modality"] for detail in details}
        assert price.rates is None
        return ONE_OUTPUT

    assert {key: reason(key, sample) for key, sample in excepted.items()} == {
        key: why for key, (_, why) in EXCEPTIONS.items()
    }


@pytest.mark.data
def test_what_has_no_expected_price_is_unknown(samples: list[Sample], cards: Cards) -> None:
    priced = {sample.number for sample in samples if sample.expected is not None}
    unpriced = [sample for sample in samples if sample.expected is None]

    assert len({sample.number for sample in samples} - priced) == 279
    assert len(unpriced) == 15_847
    assert not [sample.key for sample in unpriced if cost_of(sample, cards) is not None]
