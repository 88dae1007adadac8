"""Prices from a file of the user's, in either of two forms; what it does not hold is unknown."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from passmuster.adapters.prices import files
from passmuster.adapters.prices.file_prices import FilePrices
from passmuster.errors import ConfigurationError
from passmuster.records.candidate import Candidate, Kind, Price, Rate, Tier
from passmuster.records.money import token_cost
from passmuster.records.trial import Usage
from passmuster.testing import FakeClock

NOON = datetime(2026, 5, 6, 12, tzinfo=UTC).timestamp()
MODEL = {
    "id": "m",
    "match": {"equals": "m"},
    "context_window": 1000,
    "prices": {"input_mtok": 1, "output_mtok": 0.3},
}
COMPANY = {"id": "acme", "name": "Acme", "api_pattern": r"https://api\.acme\.example", "models": [MODEL]}
AT_ACME = "https://api.acme.example/v1"
LISTED = {
    "input_cost_per_token": 1.5e-07,
    "output_cost_per_token": 6e-07,
    "max_input_tokens": 128000,
    "max_output_tokens": 16384,
    "mode": "chat",
}


def book(folder: Path, content: Any, name: str = "cards.json", **names: str) -> FilePrices:
    path = folder / name
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    path.write_bytes(gzip.compress(text, mtime=0) if name.endswith(".gz") else text)
    return FilePrices(path, FakeClock(start=NOON), **names)


def candidate(
    model: str | None = "m", endpoint: str | None = AT_ACME, kind: Kind = "llm", provider: str = "openai"
) -> Candidate:
    return Candidate(name="c", provider=provider, model=model, endpoint=endpoint, kind=kind)


def company(**model: Any) -> list[Any]:
    return [{**COMPANY, "models": [{**MODEL, **model}]}]


@pytest.mark.parametrize("name", ["cards.json", "cards.json.gz"])
def test_a_company_is_found_by_its_endpoint(tmp_path: Path, name: str) -> None:
    assert book(tmp_path, [COMPANY], name).find(candidate()) == Price(
        input=1.0, output=0.3, source=name, date="2026-05-06", context_window=1000
    )


@pytest.mark.parametrize(
    "asking",
    [
        candidate(endpoint="http://localhost:8000/v1"),
        candidate(model="other"),
        candidate(model=None),
        candidate(kind="baseline"),
    ],
)
def test_what_the_file_does_not_hold_is_unknown(tmp_path: Path, asking: Candidate) -> None:
    assert book(tmp_path, [COMPANY]).find(asking) is None


def test_the_user_may_name_the_company_and_the_model(tmp_path: Path) -> None:
    named = book(tmp_path, [COMPANY], company="acme", model="m")
    assert named.find(candidate("my-own-name", "http://localhost:8000/v1")) is not None


def test_tiers_dates_and_hours_are_read(tmp_path: Path) -> None:
    tiers = {"base": 1, "tiers": [{"start": 200000, "price": 2}]}
    prices = [
        {"prices": {"input_mtok": 9, "output_mtok": 9}},
        {"constraint": {"start_date": "2026-05-01"}, "prices": {"input_mtok": tiers, "output_mtok": 3}},
        {"constraint": {"start_date": "2026-06-01"}, "prices": {"input_mtok": 8, "output_mtok": 8}},
    ]
    price = book(tmp_path, company(prices=prices)).find(candidate())
    assert price is not None
    assert (price.input, price.output, price.tiers) == (1.0, 3.0, (Tier(above=200_000, usd={"input": 2.0}),))
    assert price.source == "cards.json, since 2026-05-01"


def test_the_price_of_a_tier_of_service_is_read(tmp_path: Path) -> None:
    flex = {"when": {"service_tier": "flex"}, "prices": {"input_mtok": 0.5}}
    asking = Candidate(
        name="c", provider="openai", model="m", endpoint=AT_ACME, parameters={"service_tier": "flex"}
    )
    price = book(tmp_path, company(price_variants=[flex])).find(asking)
    assert price is not None
    assert price.input == 0.5


def test_the_file_is_read_once(tmp_path: Path) -> None:
    prices = book(tmp_path, [COMPANY])
    assert prices.find(candidate()) is not None
    (tmp_path / "cards.json").unlink()
    assert prices.find(candidate()) is not None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "no JSON"),
        (b'"text"', "no file of price cards"),
        (b'{"m": 1}', "no file of price cards"),
        (b"[1]", "0"),
        (b'[{"id": "x"}]', "name"),
        (json.dumps(company(prices={"input_mtok": "cheap"})).encode(), "cannot be read"),
        (json.dumps(company(prices=5)).encode(), "cannot be read"),
        (json.dumps(company(match={"resembles": "m"})).encode(), "cannot be read"),
        (json.dumps(company(match=7)).encode(), "cannot be read"),
        (json.dumps([{**COMPANY, "api_pattern": "("}]).encode(), "cannot be read"),
        (b'{"m": {"input_cost_per_token": NaN}}', "NaN"),
        (b"[" * 100_000, "no JSON"),
        (b"\xff", "no JSON"),
    ],
)
def test_a_file_that_is_wrong_is_named_with_what_is_wrong(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        book(tmp_path, content).find(candidate())
    assert "cards.json" in str(caught.value)


@pytest.mark.parametrize(
    ("prices", "message"),
    [({"input_mtok": -1}, "-1"), ({"input_mtok": 1, "thoughts_mtok": 2}, "thoughts_mtok")],
)
def test_a_price_that_is_none_is_refused_where_it_is_needed(
    tmp_path: Path, prices: dict[str, float], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        book(tmp_path, company(prices=prices)).find(candidate())


def test_a_file_that_is_not_there_or_cut_short_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        FilePrices(tmp_path / "none.json", FakeClock(start=NOON)).find(candidate())
    (tmp_path / "cut.json.gz").write_bytes(gzip.compress(json.dumps([COMPANY]).encode(), mtime=0)[:-20])
    with pytest.raises(ConfigurationError, match="cannot be read"):
        FilePrices(tmp_path / "cut.json.gz", FakeClock(start=NOON)).find(candidate())


def test_a_file_without_end_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 1000)
    with pytest.raises(ConfigurationError, match="more than"):
        book(tmp_path, b" " * 1001, "big.json.gz").find(candidate())


@pytest.mark.parametrize(
    ("listed_as", "asking"),
    [
        ("m", candidate()),
        ("openai/m", candidate()),
        ("m", candidate(endpoint="http://localhost:8000/v1")),
        ("openrouter/acme/m", candidate("openrouter/acme/m", None, provider="litellm")),
    ],
)
def test_litellms_list_goes_by_the_name_of_the_model(
    tmp_path: Path, listed_as: str, asking: Candidate
) -> None:
    assert book(tmp_path, {listed_as: LISTED}).find(asking) == Price(
        input=0.15,
        output=0.6,
        source="cards.json",
        date="2026-05-06",
        context_window=128_000,
        max_output=16_384,
    )


def test_in_litellms_list_the_company_goes_before_the_bare_name(tmp_path: Path) -> None:
    dearer = {**LISTED, "input_cost_per_token": 1e-06}
    price = book(tmp_path, {"m": LISTED, "azure/m": dearer}, company="azure").find(candidate())
    assert price is not None
    assert price.input == 1.0


def test_everything_that_litellms_list_prices_by_the_token_is_read(tmp_path: Path) -> None:
    entry = {
        **LISTED,
        "cache_read_input_token_cost": 7.5e-08,
        "cache_creation_input_token_cost": 2e-07,
        "cache_creation_input_token_cost_above_1hr": 3e-07,
        "output_cost_per_reasoning_token": 9e-07,
        "input_cost_per_audio_token": 1e-05,
        "input_cost_per_request": 0.005,
        "input_cost_per_token_above_128k_tokens": 3e-07,
        "output_cost_per_token_above_200k_tokens": 1.2e-06,
        "input_cost_per_token_batches": 7.5e-08,
    }
    price = book(tmp_path, {"m": entry}).find(candidate())
    assert price is not None
    assert (price.cached, price.cache_write, price.reasoning) == (0.075, 0.2, 0.9)
    assert price.rates == {
        "cache_write_1h": Rate(usd=0.3, within=("input", "cache_write")),
        "input_audio": Rate(usd=10.0, within=("input",)),
        "requests": Rate(usd=5.0, per=1000),
    }
    assert price.tiers == (
        Tier(above=128_000, usd={"input": 0.3}),
        Tier(above=200_000, usd={"output": 1.2}),
    )
    assert price.source == "cards.json"


@pytest.mark.parametrize(
    "entry",
    [
        {"mode": "chat"},
        {"mode": "embedding", "output_cost_per_token": 1e-06},
        {"mode": "image_generation", "input_cost_per_token": 5e-06, "output_cost_per_image": 0.04},
        {
            "mode": "chat",
            "input_cost_per_token": 0,
            "output_cost_per_token": 0,
            "output_cost_per_second": 0.1,
        },
        {"mode": "chat", "input_cost_per_token": True},
    ],
)
def test_what_tokens_do_not_price_is_unknown(tmp_path: Path, entry: dict[str, Any]) -> None:
    assert book(tmp_path, {"m": entry}).find(candidate()) is None


def test_what_a_price_leaves_out_is_said(tmp_path: Path) -> None:
    entry = {**LISTED, "input_cost_per_image": 0.001, "search_context_cost_per_query": {"low": 0.03}}
    price = book(tmp_path, {"m": entry}).find(candidate())
    assert price is not None
    assert price.source == "cards.json, without input_cost_per_image, search_context_cost_per_query"


@pytest.mark.data
def test_every_entry_of_a_public_list_has_a_price_or_none(data_folder: Path) -> None:
    path = data_folder / "prices" / "litellm_style_model_prices.json.gz"
    with gzip.open(path) as file:
        entries = json.load(file)
    prices = FilePrices(path, FakeClock(start=NOON))
    usage = Usage(input=1_000_000, output=1_000_000)
    priced = 0
    for name, entry in entries.items():
        price = prices.find(candidate(name, provider="litellm"))
        if price is None:
            continue
        priced += 1
        expected = 1e6 * entry["input_cost_per_token"], 1e6 * entry.get("output_cost_per_token", 0.0)
        assert (price.input, price.output or 0.0) == pytest.approx(expected, rel=1e-12), name
        assert token_cost(usage, price) is not None or price.output is None
    assert (priced, len(entries)) == (1_446, 1_701)
