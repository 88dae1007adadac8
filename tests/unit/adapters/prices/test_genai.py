"""List prices are found offline, with where and when they were read; what is unknown stays unknown."""

import socket
import subprocess
import sys
from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib.metadata import version

import pytest
from genai_prices import data_snapshot
from genai_prices.types import (
    ClauseEquals,
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    PriceVariant,
    Provider,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
)
from genai_prices.types import Tier as CardTier

from passmuster.adapters.prices.genai import GenaiPrices
from passmuster.errors import ConfigurationError
from passmuster.records.candidate import Candidate, Kind, Price, Rate, Tier
from passmuster.records.money import token_cost
from passmuster.records.trial import Usage
from passmuster.testing import FakeClock

NOON = datetime(2026, 5, 6, 12, tzinfo=UTC).timestamp()


def find(
    model: str | None, endpoint: str | None = None, provider: str = "openai", kind: Kind = "llm"
) -> Price | None:
    candidate = Candidate(name="c", provider=provider, model=model, endpoint=endpoint, kind=kind)
    return GenaiPrices(FakeClock(start=NOON)).find(candidate)


@pytest.mark.parametrize("endpoint", [None, "https://api.openai.com/v1"])
def test_the_price_of_a_known_model_is_found(endpoint: str | None) -> None:
    price = find("gpt-4o-mini", endpoint)
    assert price is not None
    assert (price.input, price.output, price.cached) == (0.15, 0.6, 0.075)
    assert price.source == f"genai-prices {version('genai-prices')}"
    assert price.date == "2026-05-06"


def test_a_replayed_model_is_found_by_its_name() -> None:
    price = find("claude-3-5-haiku-latest", provider="replay")
    assert price is not None
    assert (price.input, price.output) == (0.8, 4.0)


@pytest.mark.parametrize(
    "price",
    [
        find("no-such-model"),
        find(None),
        find("gpt-4o", "http://localhost:8000/v1"),
        find("gpt-4o", "https://llm.example.com/v1"),
        find("claude-3-5-haiku-latest"),
        find("gpt-4o", kind="baseline"),
    ],
)
def test_what_is_not_listed_is_unknown(price: Price | None) -> None:
    assert price is None


def card(
    monkeypatch: pytest.MonkeyPatch,
    prices: ModelPrice | list[ConditionalPrice],
    *,
    model: str = "m",
    variants: list[PriceVariant] | None = None,
    parameters: dict[str, object] | None = None,
) -> Price | None:
    listed = ModelInfo(id=model, match=ClauseEquals(equals=model), prices=prices, price_variants=variants)
    own = Provider(id="openai", name="x", api_pattern="https://x", models=[listed])
    snapshot = data_snapshot.DataSnapshot(providers=[own], from_auto_update=False)
    monkeypatch.setattr(data_snapshot, "get_snapshot", lambda: snapshot)
    asking = Candidate(name="c", provider="openai", model=model, parameters=parameters or {})
    return GenaiPrices(FakeClock(start=NOON)).find(asking)


def dollars(read: str, written: str) -> ModelPrice:
    return ModelPrice(input_mtok=Decimal(read), output_mtok=Decimal(written))


def test_tiers_are_part_of_the_price(monkeypatch: pytest.MonkeyPatch) -> None:
    tiers = TieredPrices(base=Decimal(1), tiers=[CardTier(start=200_000, price=Decimal(2))])
    price = card(monkeypatch, ModelPrice(input_mtok=tiers, output_mtok=Decimal(5)))
    assert price is not None
    assert (price.input, price.output) == (1.0, 5.0)
    assert price.tiers == (Tier(above=200_000, usd={"input": 2.0}),)


def test_units_of_their_own_are_part_of_the_price(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = {"input_mtok": 1, "output_mtok": 5, "input_audio_mtok": 9, "web_searches_kcount": 10}
    price = card(monkeypatch, ModelPrice(**{key: Decimal(value) for key, value in listed.items()}))
    assert price is not None
    assert price.rates == {
        "input_audio": Rate(usd=9.0, within=("input",)),
        "web_searches": Rate(usd=10.0, per=1000),
    }


def test_of_prices_over_the_day_the_highest_is_taken_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    night = TimeOfDateConstraint(start_time=time(0, 30), end_time=time(16, 30))
    prices = [
        ConditionalPrice(prices=dollars("0.1", "0.5")),
        ConditionalPrice(constraint=night, prices=dollars("0.3", "1.1")),
    ]
    price = card(monkeypatch, prices)
    assert price is not None
    assert (price.input, price.output) == (0.3, 1.1)
    assert price.source.endswith(", highest price of the day")


def test_the_price_of_the_day_is_taken_where_prices_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    prices = [
        ConditionalPrice(prices=dollars("1", "1")),
        ConditionalPrice(
            constraint=StartDateConstraint(start_date=date(2026, 1, 1)), prices=dollars("2", "2")
        ),
        ConditionalPrice(
            constraint=StartDateConstraint(start_date=date(2027, 1, 1)), prices=dollars("3", "3")
        ),
    ]
    price = card(monkeypatch, prices)
    assert price is not None
    assert price.input == 2.0
    assert price.source.endswith(", since 2026-01-01")


def test_without_a_price_of_the_output_only_a_call_without_any_has_a_cost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    price = card(monkeypatch, ModelPrice(input_mtok=Decimal(1)))
    assert token_cost(Usage(input=1_000_000, output=0), price) == 1.0
    assert token_cost(Usage(input=1_000_000, output=1), price) is None


def test_a_card_without_a_price_of_the_input_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert card(monkeypatch, ModelPrice(output_mtok=Decimal(1))) is None
    assert card(monkeypatch, ModelPrice()) is None


def test_an_empty_card_of_a_model_that_is_given_away_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    price = card(monkeypatch, ModelPrice(), model="m:free")
    assert price is not None
    assert (price.input, price.output) == (0.0, 0.0)


@pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity"])
def test_a_price_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, amount: str) -> None:
    with pytest.raises(ConfigurationError, match="input_mtok"):
        card(monkeypatch, dollars(amount, "1"))


def test_a_price_that_nothing_here_knows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="thoughts_mtok"):
        card(monkeypatch, ModelPrice(input_mtok=Decimal(1), thoughts_mtok=Decimal(1)))


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, 1.0),
        ({"service_tier": "default"}, 1.0),
        ({"service_tier": "flex"}, 0.5),
        ({"service_tier": "priority"}, None),
        ({"speed": "fast"}, None),
        ({"temperature": 0.5, "service_tier": None}, 1.0),
    ],
)
def test_a_tier_of_service_has_its_own_price_or_none(
    monkeypatch: pytest.MonkeyPatch, parameters: dict[str, object], expected: float | None
) -> None:
    flex = PriceVariant(when={"service_tier": "flex"}, prices=dollars("0.5", "2"))
    price = card(monkeypatch, dollars("1", "4"), variants=[flex], parameters=parameters)
    assert (price and price.input) == expected


def test_no_price_is_looked_up_over_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert find("gpt-4o") is not None


def test_the_price_cards_are_loaded_when_a_price_is_looked_for() -> None:
    code = "import passmuster.adapters.prices.genai, sys; sys.exit('genai_prices' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
