"""The models that are kept as candidates to paste into a project file."""

import json
import re
from collections.abc import Sequence

from passmuster.records.screening import ScreenedModel

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_.][A-Za-z0-9]+)+", re.ASCII)
_COMPANIES = (
    ("anthropic", re.compile(r"claude", re.IGNORECASE)),
    ("openai", re.compile(r"(?:^|/)(?:chatgpt|gpt-|o\d(?:-|$))", re.IGNORECASE)),
)


def candidates_yaml(models: Sequence[ScreenedModel], table: str, column: str) -> str:
    """Return the candidates as YAML; those that the project has already are comments.

    Models that are neither Anthropic's nor OpenAI's by their name are asked at `${BASE_URL}`, which is to be filled in.

    Example:
        >>> model = ScreenedModel(model="claude-3-opus", public=None, rank=1, kept=True, input_price=15.0)
        >>> print(candidates_yaml([model], "arena", "score"))
        # from arena, by score; the names are the leaderboard's: see with `passmuster check` that they can be asked
        candidates:
          - {name: claude-3-opus, provider: anthropic, model: claude-3-opus, prices: auto}
        <BLANKLINE>
    """
    lines = [
        (
            f"# from {_comment(table)}, by {_comment(column)}; the names are the leaderboard's:"
            " see with `passmuster check` that they can be asked"
        ),
        "candidates:",
    ]
    for model in models:
        if model.candidate is not None:
            lines.append(f"  # {_comment(model.model)}: already your candidate {_comment(model.candidate)}")
        else:
            lines.append(f"  - {{{_entry(model)}}}")
    if all(model.candidate is not None for model in models):
        lines[1] = "# candidates: nobody new"
    return "\n".join(lines) + "\n"


def _entry(model: ScreenedModel) -> str:
    name = _scalar(model.model)
    provider = next((company for company, of in _COMPANIES if of.search(model.model)), None)
    where = f"provider: {provider}" if provider else 'provider: openai, base_url: "${BASE_URL}"'
    prices = ", prices: auto" if provider is not None and model.input_price is not None else ""
    return f"name: {name}, {where}, model: {name}{prices}"


def _scalar(text: str) -> str:
    """Return a text as YAML takes it for one and nothing else; `${` is written so that nothing is filled in for it."""
    if _PLAIN.fullmatch(text):
        return text
    return json.dumps(_comment(text).replace("${", "$${"))


def _comment(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
