"""Every expected price of the public usage samples, to 1e-9 US dollars, with the cards of the same folder."""

from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from passmuster.adapters.prices.cards import Cards
from passmuster.adapters.prices.usage import read_usage
from passmuster.records.money import Cost, token_costs, token_parts

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


def cost_of(sample: Any, cards: Cards, when: datetime) -> Cost | None:
    """Take the way of the engine: the answer, its usage, the card of that model and day, the cost."""
    reported = read_usage(sample.answer, sample.company, sample.flavor, cards.snapshot)
    if reported is None or reported.model is None:
        return None
    try:
        price = cards.look_up(reported.model, when, sample.company)
    except LookupError:
        return None
    return token_costs(reported.usage, price)


@pytest.mark.data
def test_every_expected_price_is_met_but_for_the_exceptions(
    samples: list[Any], cards: Cards, when: datetime
) -> None:
    expected = [sample for sample in samples if sample.expected is not None]
    wrong = Counter(sample.key for sample in expected if not sample.costs(cost_of(sample, cards, when)))

    assert len(expected) == 3474
    assert wrong == {key: count for key, (count, _) in EXCEPTIONS.items()}


@pytest.mark.data
def test_the_parts_of_the_tokens_add_up_to_input_output_and_the_rest_of_every_answer(
    samples: list[Any], cards: Cards, when: datetime
) -> None:
    cached = 0
    for sample in samples:
        reported = read_usage(sample.answer, sample.company, sample.flavor, cards.snapshot)
        whole = cost_of(sample, cards, when)
        if whole is None or reported is None or reported.model is None:
            continue
        parts = token_parts(reported.usage, cards.look_up(reported.model, when, sample.company))
        assert parts is not None
        assert min(parts) > -1e-12
        sums = (parts.input + parts.cached, parts.output + parts.reasoning, parts.other)
        assert sums == pytest.approx(tuple(whole), abs=1e-12)
        cached += parts.cached > 0
    assert cached > 100


@pytest.mark.data
def test_the_reasons_of_the_exceptions_hold(samples: list[Any], cards: Cards, when: datetime) -> None:
    excepted = {sample.key: sample for sample in samples if sample.expected and sample.key in EXCEPTIONS}

    def reason(key: tuple[str, str, str], answer: Any) -> str:
        try:
            price = cards.look_up(key[2], when, key[0])
        except LookupError as error:
            return NO_COMPANY if "provider_id" in str(error) else NO_MODEL
        if price is None:
            return NO_PRICE
        details = answer["usageMetadata"]["candidatesTokensDetails"]
        assert "IMAGE" in {detail["modality"] for detail in details}
        assert price.rates is None
        return ONE_OUTPUT

    found = {key: reason(key, sample.answer) for key, sample in excepted.items()}
    assert found == {key: why for key, (_, why) in EXCEPTIONS.items()}


@pytest.mark.data
def test_what_has_no_expected_price_is_unknown(samples: list[Any], cards: Cards, when: datetime) -> None:
    priced = {sample.number for sample in samples if sample.expected is not None}
    unpriced = [sample for sample in samples if sample.expected is None]

    assert len({sample.number for sample in samples} - priced) == 279
    assert len(unpriced) == 15_847
    assert not [sample.key for sample in unpriced if cost_of(sample, cards, when) is not None]
