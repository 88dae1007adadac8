"""Which model of a public table a candidate is: settled by what is stated or the same, never guessed."""

import re
from collections.abc import Iterator, Mapping, Sequence

from passmuster.records.candidate import Candidate
from passmuster.records.leaderboard import MatchHow, ModelMatch, PublicTable

_DATE = re.compile(r"-?(?:20\d{2}-?[01]\d-?[0-3]\d|latest|\d{4})$")
_HOST = re.compile(r"[@:].*$")
_SUFFIX = re.compile(r"-(?:instruct|inst|it|chat|hf|turbo|preview|exp|fp8|fp16|bf16)$")
_MOST_PROPOSED = 5


def normalised(name: str) -> str:
    """Return a model's name without what is only spelling: upper case, separators, and the company before a slash.

    Example:
        >>> normalised("meta-llama/Meta-Llama-3_1-8B-Instruct") == normalised("Meta Llama 3.1 8B Instruct")
        True
        >>> normalised("gpt-4o") == normalised("gpt-4o-mini")
        False
    """
    return re.sub(r"[\s._-]+", "-", name.rpartition("/")[2].strip().casefold()).strip("-")


def near(name: str) -> str:
    """Return the name without its date, host and form either: two that share it may be one, and may not.

    Example:
        >>> near("gpt-4o-2024-08-06"), near("gemma-2-27b-it@together")
        ('gpt-4o', 'gemma-2-27b')
    """
    short = _HOST.sub("", normalised(name))
    while True:
        cut = _SUFFIX.sub("", _DATE.sub("", short)).strip("-")
        if cut in (short, ""):
            return short
        short = cut


def _may_be(one: str, other: str) -> bool:
    """Return whether two near names may be one model: of two dates that differ they are not."""
    dates = {found[0].strip("-") for name in (one, other) if (found := _DATE.search(_form_of(name)))}
    return len(dates) < 2


def _form_of(name: str) -> str:
    return _SUFFIX.sub("", _HOST.sub("", normalised(name)))


def matches(
    candidates: Sequence[Candidate],
    tables: Sequence[PublicTable],
    stated: Mapping[str, Sequence[str]] | None = None,
) -> tuple[ModelMatch, ...]:
    """Return who each LLM is in each table.

    What the user states comes first, then the same name (of the candidate or its model), then the same but for spelling.
    Where several models are the same but for spelling, or one is only near (another date, host or form), nothing is
    taken, and they are named. Two candidates may be the same model.

    Args:
        candidates: Those of the project; only LLMs are looked for.
        tables: The public tables.
        stated: Candidate -> its names in tables; no names: it is in none.
    """
    stated = stated or {}
    llms = [candidate for candidate in candidates if candidate.kind == "llm"]
    return tuple(
        _match(candidate, index, stated.get(candidate.name))
        for index in map(_Index, tables)
        for candidate in llms
    )


class _Index:
    """The models of a table by their name, by its spelling, and by what is near."""

    def __init__(self, table: PublicTable) -> None:
        self.table = table.name
        self.models = dict.fromkeys(row.model for row in table.rows)
        self.alike: dict[str, list[str]] = {}
        self.close: dict[str, list[str]] = {}
        for model in self.models:
            self.alike.setdefault(normalised(model), []).append(model)
            self.close.setdefault(near(model), []).append(model)

    def find(self, names: Sequence[str]) -> tuple[MatchHow, Sequence[str]]:
        """Return how these names are found, and which models that are."""
        for name in names:
            if name in self.models:
                return "exact", [name]
        for name in names:
            alike = self.alike.get(normalised(name), [])
            if alike:
                return "normalised" if len(alike) == 1 else "ambiguous", alike
        for name in names:
            close = [model for model in self.close.get(near(name), []) if _may_be(name, model)]
            if close:
                return "proposed", close
        return "none", []


def _match(candidate: Candidate, index: _Index, stated: Sequence[str] | None) -> ModelMatch:
    if stated is None:
        how, models = index.find([name for name in (candidate.model, candidate.name) if name])
    else:
        models = [name for name in stated if name in index.models][:1]
        how = "stated" if models else "none"
    taken = how not in ("ambiguous", "proposed") and bool(models)
    return ModelMatch(
        candidate=candidate.name,
        table=index.table,
        how=how,
        model=models[0] if taken else None,
        possible=() if taken else tuple(models[:_MOST_PROPOSED]),
    )


def settled(found: Sequence[ModelMatch], table: str) -> dict[str, str]:
    """Return the model of each candidate that is settled in a table, of candidates that are one model the first.

    Example:
        >>> one = ModelMatch(candidate="a", table="t", how="exact", model="m")
        >>> settled([one, ModelMatch(candidate="b", table="t", how="normalised", model="m")], "t")
        {'a': 'm'}
    """
    taken: dict[str, str] = {}
    for match in sorted(found, key=lambda each: each.how not in ("exact", "stated")):
        if match.table == table and match.model is not None and match.model not in taken:
            taken[match.model] = match.candidate
    order = [match.candidate for match in found if match.table == table]
    return {
        candidate: model for model, candidate in sorted(taken.items(), key=lambda pair: order.index(pair[1]))
    }


def match_notes(found: Sequence[ModelMatch]) -> tuple[str, ...]:
    """Return what a person must settle: ambiguous and near names, and candidates that share a model."""
    return (*_open_notes(found), *_shared_notes(found))


def _open_notes(found: Sequence[ModelMatch]) -> Iterator[str]:
    unsettled: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for match in found:
        if match.possible:
            unsettled.setdefault((match.candidate, match.how, match.possible), []).append(match.table)
    for (candidate, how, possible), tables in unsettled.items():
        models, where = ", ".join(possible), ", ".join(tables)
        if how == "ambiguous":
            yield (
                f"{candidate} is several models of {where} ({models}): none is taken; say which in leaderboards.names"
            )
        else:
            yield (
                f"{candidate} is not in {where}, but near to {models}: not taken; if they are one, write"
                f" leaderboards: {{names: {{{candidate}: {possible[0]}}}}}"
            )


def _shared_notes(found: Sequence[ModelMatch]) -> Iterator[str]:
    shared: dict[tuple[str, str], list[str]] = {}
    for match in found:
        if match.model is not None:
            shared.setdefault((match.table, match.model), []).append(match.candidate)
    for (table, model), names in shared.items():
        if len(names) > 1:
            kept = next(name for name, taken in settled(found, table).items() if taken == model)
            yield f"{', '.join(names)} are all {model} in {table}: {kept} stands for it"
