"""What a call costs, and how many tokens it has where nobody counted them."""

from collections.abc import Mapping

from passmuster.records.candidate import Price
from passmuster.records.case import Conversation, Text
from passmuster.records.digest import canonical
from passmuster.records.trial import Usage

CHARACTERS_PER_TOKEN = 4
"""The documented rule for missing usage: one token is four characters of prompt or reply."""


def token_cost(usage: Usage | None, price: Price | None) -> float | None:
    """Return the US dollars of one call; None where usage or price is unknown, never 0.

    Cached tokens are part of the input and reasoning tokens part of the output, as endpoints report them.

    Example:
        >>> token_cost(Usage(input=1_000_000, output=500_000), Price(input=2.0, output=8.0))
        6.0
    """
    if usage is None or price is None or usage.input is None or usage.output is None:
        return None
    cached, reasoning = usage.cached or 0, usage.reasoning or 0
    cached_price = price.input if price.cached is None else price.cached
    reasoning_price = price.output if price.reasoning is None else price.reasoning
    total = (
        (usage.input - cached) * price.input
        + cached * cached_price
        + (usage.output - reasoning) * price.output
        + reasoning * reasoning_price
    )
    return total / 1e6


def estimate_usage(conversation: Conversation, reply: str) -> Usage:
    """Return token counts by the rule of four characters a token, rounded up and marked as estimated.

    Example:
        >>> estimate_usage(Conversation(messages=()), "four letters").output
        3
    """
    return Usage(
        input=_tokens(conversation_characters(conversation)), output=_tokens(len(reply)), estimated=True
    )


def conversation_characters(conversation: Conversation) -> int:
    """Return how many characters of text a conversation holds: system text, messages, context and tools."""
    total = len(conversation.system or "")
    for message in conversation.messages:
        total += _content_characters(message.content)
        total += sum(len(call.name) + len(call.arguments) for call in message.tool_calls)
    total += sum(len(document.text) + len(document.title or "") for document in conversation.context)
    return total + sum(
        _tool_characters(tool.name, tool.description, tool.parameters) for tool in conversation.tools
    )


def _content_characters(content: object) -> int:
    if isinstance(content, str):
        return len(content)
    parts = content if isinstance(content, tuple) else ()
    return sum(len(part.text) for part in parts if isinstance(part, Text))


def _tool_characters(name: str, description: str | None, parameters: Mapping[str, object]) -> int:
    return len(name) + len(description or "") + len(canonical(parameters))


def _tokens(characters: int) -> int:
    return -(-characters // CHARACTERS_PER_TOKEN)
