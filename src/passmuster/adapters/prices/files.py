"""Price cards from a file of the user's: the raw data of genai-prices, or the list of models that LiteLLM keeps."""

import gzip
import json
import re
import warnings
import zlib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from genai_prices.data_snapshot import DataSnapshot
from genai_prices.types import ModelPrice, Provider, TieredPrices
from pydantic import ConfigDict, TypeAdapter, ValidationError

from passmuster.adapters.prices.cards import Cards
from passmuster.adapters.prices.litellm_list import Listing
from passmuster.errors import ConfigurationError, Place
from passmuster.records.record import Json

MOST_BYTES = 64 * 1024 * 1024
"""A file of price cards is never larger, unpacked."""

_PRICES = TypeAdapter(dict[str, Decimal | TieredPrices | None])
_PROVIDERS = TypeAdapter(list[Provider], config=ConfigDict(arbitrary_types_allowed=True))


def read_file(path: Path) -> Cards | Listing:
    """Return the price cards of a file, as it is or gzipped.

    Raises:
        ConfigurationError: where it cannot be read, or is neither of the two forms.
    """
    raw = _json(path)
    if isinstance(raw, list):
        return _cards(raw, path)
    if isinstance(raw, dict) and all(isinstance(entry, dict) for entry in raw.values()):
        return Listing(raw, path.name)
    raise ConfigurationError(
        "this is no file of price cards",
        place=Place(str(path)),
        hint="It is either the raw data of genai-prices (a list of companies) or LiteLLM's list of models.",
    )


def read_cards(path: Path) -> Cards:
    """Return the cards of a file in the form of genai-prices.

    Raises:
        ConfigurationError: where it cannot be read, or is of another form.
    """
    read = read_file(path)
    if isinstance(read, Cards):
        return read
    raise ConfigurationError("this is no list of companies with their price cards", place=Place(str(path)))


def _json(path: Path) -> Json:
    try:
        with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigurationError(
            f"the price cards cannot be read: {reason}", place=Place(str(path))
        ) from error
    if len(content) > MOST_BYTES:
        raise ConfigurationError(
            f"price cards of more than {MOST_BYTES >> 20} MiB are not read", place=Place(str(path))
        )
    try:
        return json.loads(content, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise ConfigurationError(f"the price cards are no JSON: {error}", place=Place(str(path))) from error


def _refuse(constant: str) -> float:
    message = f"{constant} is no number"
    raise ValueError(message)


def _cards(raw: list[Json], path: Path) -> Cards:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # rules for units that the package does not know yet
            providers = _PROVIDERS.validate_python([_company(entry) for entry in raw])
        for provider in providers:
            re.compile(provider.api_pattern)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise ConfigurationError(
            f"the price cards cannot be read at {where}: {first['msg']}", place=Place(str(path))
        ) from error
    except (re.error, AssertionError, StopIteration) as error:
        raise ConfigurationError(
            f"the price cards cannot be read: {error}", place=Place(str(path))
        ) from error
    return Cards(DataSnapshot(providers=providers, from_auto_update=False), path.name)


def _company(raw: Json) -> Json:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("models"), list):
        return raw
    return {**raw, "models": [_model(model) for model in raw["models"]]}


def _model(raw: Json) -> Json:
    if not isinstance(raw, Mapping):
        return raw
    model: dict[str, Any] = dict(raw)
    prices = raw.get("prices", {})
    model["prices"] = (
        [_conditional(entry) for entry in prices] if isinstance(prices, list) else _prices(prices)
    )
    if isinstance(raw.get("price_variants"), list):
        model["price_variants"] = [_conditional(entry) for entry in raw["price_variants"]]
    return model


def _conditional(raw: Json) -> Json:
    return {**raw, "prices": _prices(raw.get("prices"))} if isinstance(raw, Mapping) else raw


def _prices(raw: Json) -> ModelPrice:
    return ModelPrice(**_PRICES.validate_python(raw))
