"""The most that one call can cost, before it is made: what a budget reserves.

A token of a byte-level tokeniser is at least one byte of text, so the bytes that are sent bound the input; the
parameters, or the model's card, bound the output; and no token costs more than the dearest kind of it.
"""

import ipaddress
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

from passmuster.records.candidate import Candidate, Price
from passmuster.records.case import Conversation, Image, Message, Text
from passmuster.records.digest import plain
from passmuster.records.money import rates_of, side_of
from passmuster.records.record import Json

CALL_ALLOWANCE = 512
"""Tokens for what an endpoint adds to every call: its chat template, a system text of its own, today's date."""
MESSAGE_ALLOWANCE = 32
"""Tokens for what marks a message, a part of one, a document or a tool call."""
TOOLS_ALLOWANCE = 1_024
"""Tokens for the instructions that an endpoint adds as soon as there are tools."""
TOOL_ALLOWANCE = 64
"""Tokens for what marks one tool."""
ANTHROPIC_MAX_TOKENS = 4_096
"""What the provider `anthropic` sends as `max_tokens` where the parameters name none."""
SENDS_CONVERSATION = frozenset({"openai", "anthropic", "litellm"})
"""Kinds of provider that send the conversation once, and beside it nothing but the parameters."""
OUTPUT_LIMITS = ("max_completion_tokens", "max_output_tokens", "max_tokens")
ADDS_INPUT = frozenset(
    {
        *("web_search_options", "search_parameters", "plugins", "mcp_servers", "container", "data_sources"),
        *("previous_response_id", "conversation", "prompt", "models", "fallbacks"),
    }
)
"""Parameters by which an endpoint reads more than it is sent, runs tools of its own, or asks another model."""
SEARCHES = re.compile(r"search|sonar|deep-research|:online$", re.IGNORECASE)
"""Names of models that search by themselves."""
HINT = "Or set `most_per_call` to the most that you vouch for"

_IMAGES = f"it holds images, whose tokens cannot be told beforehand, and the price card has no context window. {HINT}."


class Bound(NamedTuple):
    """The most that a call can cost in US dollars, and what says so."""

    usd: float
    why: str


class Unbounded(NamedTuple):
    """Nothing says what a call can cost: why, and what the user can set."""

    why: str


WorstCase: TypeAlias = Bound | Unbounded


class _Highest(NamedTuple):
    """The dearest prices that can apply: US dollars per input token, per output token, and per call."""

    input: float
    output: float
    fee: float


def is_free(candidate: Candidate) -> bool:
    """Return whether calls of a candidate are not paid for by the call, as far as its project file tells.

    Example:
        >>> is_free(Candidate(name="a", provider="openai", model="m", endpoint="http://localhost:8000/v1"))
        True
    """
    fixed = call_bounds(candidate).fixed
    return isinstance(fixed, Bound) and fixed.usd == 0.0


@dataclass(frozen=True, slots=True)
class CallBounds:
    """What bounds every call of one candidate: made once, asked for each call.

    `fixed` holds for every call, whatever is sent. Otherwise a call has at most `extra` input tokens more than
    its conversation, and `output` tokens; `steps` are the dearest prices by what the input must exceed.

    Example:
        >>> card = Price(input=2.0, output=8.0)
        >>> asked = Candidate(name="a", provider="openai", parameters={"max_tokens": 300}, price=card)
        >>> call_bounds(asked).usd(Conversation(messages=(Message(role="user", content="Hello"),)))
        0.003548
    """

    fixed: WorstCase | None
    extra: int = 0
    output: int = 0
    limited_by: str = ""
    steps: tuple[tuple[int, _Highest], ...] = ()
    window: int | None = None

    def usd(self, conversation: Conversation) -> float | None:
        """Return the most US dollars that a call with this conversation can cost; None where unbounded."""
        if self.fixed is not None:
            return self.fixed.usd if isinstance(self.fixed, Bound) else None
        tokens = self._tokens(conversation)
        return None if tokens is None else self._usd(tokens, self._highest(tokens))

    def worst(self, conversation: Conversation) -> WorstCase:
        """Return the most that a call with this conversation can cost, in words too."""
        if self.fixed is not None:
            return self.fixed
        tokens = self._tokens(conversation)
        if tokens is None:
            return Unbounded(_IMAGES)
        highest = self._highest(tokens)
        by = (
            "all that the model reads, as it holds images"
            if _images(conversation)
            else "bytes of what is sent"
        )
        fee = f", and {dollars(highest.fee)} a call" if highest.fee else ""
        why = (
            f"at most {tokens:,} input tokens ({by}) at {dollars(highest.input * 1e6)} a million and "
            f"{self.output:,} output tokens ({self.limited_by}) at {dollars(highest.output * 1e6)} a million{fee}"
        )
        return Bound(self._usd(tokens, highest), why)

    def _tokens(self, conversation: Conversation) -> int | None:
        return self.window if _images(conversation) else self.extra + most_tokens(conversation)

    def _highest(self, tokens: int) -> _Highest:
        return next(highest for above, highest in reversed(self.steps) if tokens > above)

    def _usd(self, tokens: int, highest: _Highest) -> float:
        return tokens * highest.input + self.output * highest.output + highest.fee


def worst_cost(candidate: Candidate, conversation: Conversation) -> WorstCase:
    """Return the most that one call of a candidate with this conversation can cost, or why nothing bounds it.

    Example:
        >>> worst_cost(Candidate(name="a", provider="replay"), Conversation(messages=()))
        Bound(usd=0.0, why='recorded outputs are not paid for')
    """
    return call_bounds(candidate).worst(conversation)


def call_bounds(candidate: Candidate) -> CallBounds:
    """Return what bounds the calls of a candidate, by its price, its parameters and its caps."""
    fixed = _fixed(candidate)
    price = candidate.price
    if fixed is not None or price is None:
        return CallBounds(fixed)
    steps = _steps(price)
    if not any(highest > (0.0, 0.0, 0.0) for _, highest in steps):
        return CallBounds(Bound(0.0, "its price is 0"))
    reason = _adds_input(candidate)
    if reason is not None:
        return CallBounds(Unbounded(f"{reason}, so what is sent does not bound its input. {HINT}."))
    output, by = _output(candidate, price)
    if output is None:
        return CallBounds(Unbounded(f"{by}. {HINT}."))
    return CallBounds(
        None, CALL_ALLOWANCE + _parameter_tokens(candidate), output, by, steps, price.context_window
    )


def most_tokens(conversation: Conversation) -> int:
    """Return the most tokens that the text of a conversation can have: its bytes, and a mark for each message.

    Text is counted as it is and in Unicode's compatibility form, which some tokenisers make of it first.

    Example:
        >>> most_tokens(Conversation(messages=(Message(role="user", content="Grüße"),)))
        39
    """
    tokens = _bytes(conversation.system or "")
    for message in conversation.messages:
        tokens += MESSAGE_ALLOWANCE
        if isinstance(message.content, str):
            tokens += _bytes(message.content)
        else:
            texts = [part.text for part in message.content if isinstance(part, Text)]
            tokens += sum(MESSAGE_ALLOWANCE + _bytes(text) for text in texts)
        for call in message.tool_calls:
            tokens += MESSAGE_ALLOWANCE + _bytes(call.name) + _bytes(call.arguments) + _bytes(call.id or "")
        tokens += _bytes(message.tool_call_id or "")
    for document in conversation.context:
        tokens += MESSAGE_ALLOWANCE + sum(
            _bytes(text or "") for text in (document.text, document.title, document.id)
        )
    if conversation.tools:
        tokens += TOOLS_ALLOWANCE + sum(TOOL_ALLOWANCE + _json_bytes(tool) for tool in conversation.tools)
    return tokens


def _fixed(candidate: Candidate) -> WorstCase | None:
    """Return what holds for every call without a look at its parameters, if anything does."""
    cap = candidate.cap.per_call if candidate.cap is not None else None
    unpriced = candidate.price is None
    # Wherever a pipeline runs, the models that it asks are paid for.
    here = unpriced and not candidate.pipeline
    own = candidate.infrastructure is not None
    reasons = (
        (
            candidate.kind != "llm",
            Bound(0.0, f"a candidate of the kind {candidate.kind} is not paid by the call"),
        ),
        (candidate.provider == "replay", Bound(0.0, "recorded outputs are not paid for")),
        (candidate.simulated, Bound(0.0, "a simulated endpoint is not paid for")),
        (cap is not None, Bound(cap or 0.0, f"{dollars(cap or 0.0)} a call, as `most_per_call` says")),
        (here and own, Bound(0.0, "a machine of one's own is paid by the hour, not by the call")),
        (
            here and is_loopback(candidate.endpoint),
            Bound(0.0, "an endpoint on this machine without a price is not paid for"),
        ),
        (unpriced, Unbounded(f"its price is not known. Set `prices`. {HINT}.")),
    )
    return next((worst for holds, worst in reasons if holds), None)


def is_loopback(endpoint: str | None) -> bool:
    """Return whether an address is on this machine.

    Example:
        >>> is_loopback("http://127.0.0.1:8000/v1"), is_loopback("https://example.com"), is_loopback(None)
        (True, False, False)
    """
    try:
        host = urlsplit(endpoint or "").hostname or ""
        return host == "localhost" or host.endswith(".localhost") or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _steps(price: Price) -> tuple[tuple[int, _Highest], ...]:
    """Return the dearest prices of all calls with up to so many input tokens, by where each tier begins."""
    steps = [(-1, _highest_of(price, 0))]
    for tier in price.tiers:
        here, before = _highest_of(price, tier.above + 1), steps[-1][1]
        steps.append((tier.above, _Highest(*map(max, here, before))))
    return tuple(steps)


def _highest_of(price: Price, tokens: int) -> _Highest:
    dearest = {"input": 0.0, "output": 0.0}
    beside = {"input": 0.0, "output": 0.0}
    fee = 0.0
    for unit, rate in rates_of(price, tokens).items():
        side, usd = side_of(unit, rate), rate.usd / rate.per
        if unit == "requests":
            fee = usd
        elif side != "other" and (unit == side or side in rate.within):
            dearest[side] = max(dearest[side], usd)
        elif side != "other":
            beside[side] += usd  # characters and messages, of which there are no more than bytes
    return _Highest(dearest["input"] + beside["input"], dearest["output"] + beside["output"], fee)


def _adds_input(candidate: Candidate) -> str | None:
    """Say by what the endpoint may read more than it is sent, or do more than it is asked; None for nothing."""
    if candidate.provider not in SENDS_CONVERSATION:
        return f"a provider of the kind {candidate.provider} sends more than the conversation, or may"
    if SEARCHES.search(candidate.model or ""):
        return "the model searches by itself"
    for key, value in _all_parameters(candidate.parameters):
        if key in ADDS_INPUT and value:
            return f"the parameter `{key}` lets the endpoint read or run more than it is sent"
        if key == "tools" and not all(_is_own_tool(tool) for tool in _items(value)):
            return "the parameter `tools` holds tools that the endpoint runs itself"
    return None


def _all_parameters(parameters: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    for key, value in parameters.items():
        yield key, value
        if key == "extra_body" and isinstance(value, Mapping):
            yield from value.items()


def _items(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list | tuple) else ()


def _is_own_tool(tool: Json) -> bool:
    return isinstance(tool, Mapping) and tool.get("type", "function") in {"function", "custom"}


def _output(candidate: Candidate, price: Price) -> tuple[int | None, str]:
    """Return the most output tokens of a call and what says so, or None and why nothing does."""
    if candidate.parameters.get("api") == "embeddings":
        return 0, "embeddings have none"
    if price.output is None:
        return None, "the price of its output is not known"
    given = dict(_all_parameters(candidate.parameters))
    limits = {key: limit for key in OUTPUT_LIMITS if (limit := _count(given.get(key))) is not None}
    if candidate.provider == "anthropic":
        limits.setdefault("max_tokens", ANTHROPIC_MAX_TOKENS)
    elif candidate.reasoning and set(limits) == {"max_tokens"}:
        limits = {}  # some endpoints do not count reasoning in it
    if limits:
        by = max(limits, key=lambda key: limits[key])
        most = limits[by]
    elif price.max_output is not None:
        most, by = price.max_output, "the model's maximum, by its price card"
    elif price.context_window is not None:
        most, by = price.context_window, "the model's context window, by its price card"
    else:
        wanted = "`max_completion_tokens`" if candidate.reasoning else "`max_tokens`"
        return None, f"nothing bounds its output. Set the parameter {wanted}"
    choices = max(_count(given.get(key)) or 1 for key in ("n", "best_of"))
    predicted = _json_bytes(given["prediction"]) if given.get("prediction") else 0
    return most * choices + predicted, by if choices == 1 else f"{by}, {choices} choices"


def _parameter_tokens(candidate: Candidate) -> int:
    given = dict(_all_parameters(candidate.parameters))
    tools = [tool for key in ("tools", "functions") for tool in _items(given.get(key))]
    marks = TOOLS_ALLOWANCE + TOOL_ALLOWANCE * len(tools) if tools else 0
    return marks + (_json_bytes(candidate.parameters) if candidate.parameters else 0)


def _images(conversation: Conversation) -> bool:
    return any(_has_image(message) for message in conversation.messages)


def _has_image(message: Message) -> bool:
    return isinstance(message.content, tuple) and any(isinstance(part, Image) for part in message.content)


def _bytes(text: str) -> int:
    if text.isascii():
        return len(text)
    forms = (text, unicodedata.normalize("NFKC", text))
    return max(len(form.encode("utf-8", "surrogatepass")) for form in forms)


def _json_bytes(value: object) -> int:
    # The longest form in which chat templates write JSON: indented, every character in ASCII.
    return len(json.dumps(plain(value), indent=4))


def _count(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def dollars(amount: float) -> str:
    """Return an amount of US dollars with the digits that it has, up to ten after the point.

    Example:
        >>> dollars(1234.5), dollars(0.000002)
        ('$1,234.5', '$0.000002')
    """
    whole = f"{amount:,.10f}"
    return f"${whole.rstrip('0').rstrip('.')}"
