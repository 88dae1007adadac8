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
    Provider,
    StartDateConstraint,
    Tier,
    TieredPrices,
    TimeOfDateConstraint,
)

from passmuster.adapters.prices.genai import GenaiPrices
from passmuster.records.candidate import Candidate, Kind, Price
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
    assert price.input < price.output


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


def card(monkeypatch: pytest.MonkeyPatch, prices: ModelPrice | list[ConditionalPrice]) -> Price | None:
    model = ModelInfo(id="m", match=ClauseEquals(equals="m"), prices=prices)
    own = Provider(id="openai", name="x", api_pattern="https://x", models=[model])
    snapshot = data_snapshot.DataSnapshot(providers=[own], from_auto_update=False)
    monkeypatch.setattr(data_snapshot, "get_snapshot", lambda: snapshot)
    return find("m")


def dollars(read: str, written: str) -> ModelPrice:
    return ModelPrice(input_mtok=Decimal(read), output_mtok=Decimal(written))


def test_of_tiers_the_first_is_taken_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    tiers = TieredPrices(base=Decimal(1), tiers=[Tier(start=200_000, price=Decimal(2))])
    price = card(monkeypatch, ModelPrice(input_mtok=tiers, output_mtok=Decimal(5)))
    assert price is not None
    assert (price.input, price.output) == (1.0, 5.0)
    assert price.source.endswith(", first tier")


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


def test_a_price_without_output_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert card(monkeypatch, ModelPrice(input_mtok=Decimal(1))) is None


def test_no_price_is_looked_up_over_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert find("gpt-4o") is not None


def test_the_price_cards_are_loaded_when_a_price_is_looked_for() -> None:
    code = "import passmuster.adapters.prices.genai, sys; sys.exit('genai_prices' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
