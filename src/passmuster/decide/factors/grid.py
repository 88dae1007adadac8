"""Which candidates are variants of one another: models along one side, prompts along the other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from passmuster.records.candidate import Candidate, candidate_digest


@dataclass(frozen=True, slots=True)
class Grid:
    """Models and prompts in the order of the project file, and the candidate of each pair that there is."""

    models: tuple[str, ...]
    prompts: tuple[str, ...]
    cells: Mapping[tuple[str, str], str]

    @property
    def names(self) -> tuple[str, ...]:
        """The candidates, in order."""
        return tuple(self.cells.values())

    def with_both(self, one: str, other: str) -> list[str]:
        """Return the models that were asked with both of two prompts."""
        return [model for model in self.models if {(model, one), (model, other)} <= self.cells.keys()]

    def under_both(self, one: str, other: str) -> list[str]:
        """Return the prompts with which both of two models were asked."""
        return [prompt for prompt in self.prompts if {(one, prompt), (other, prompt)} <= self.cells.keys()]


def model_key(candidate: Candidate) -> str | None:
    """Return what all prompt variants of a model share; None for a candidate without a prompt.

    A variant of the project file says what it is one of; any other is one of all that differ in the prompt only.

    Example:
        >>> from passmuster.records.candidate import Prompt
        >>> one = Candidate(name="a/x", provider="openai", base="a", prompt=Prompt(name="x", system="Be kind."))
        >>> model_key(one) == model_key(replace(one, name="a/y", parameters={"temperature": 1}))
        True
    """
    if candidate.prompt is None:
        return None
    if candidate.base is not None:
        return f"base {candidate.base}"
    return candidate_digest(replace(candidate, prompt=None))


def grid_of(candidates: Iterable[Candidate]) -> Grid | None:
    """Return the design of the candidates that have variants; None where no model has two.

    A model is shown by the name in the project file, else by that of the model. Prompts of the same name are one
    variant. Where two models would be shown alike, or a model has a prompt twice, the first is in the design.
    """
    by_model: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        key = model_key(candidate)
        if key is not None and candidate.kind == "llm":
            by_model.setdefault(key, []).append(candidate)
    models: dict[str, Sequence[Candidate]] = {}
    for members in by_model.values():
        if len({_prompt_name(each) for each in members}) > 1:
            models.setdefault(_shown(members[0]), members)
    cells: dict[tuple[str, str], str] = {}
    for model, variants in models.items():
        for each in variants:
            cells.setdefault((model, _prompt_name(each)), each.name)
    if not cells:
        return None
    return Grid(tuple(models), tuple(dict.fromkeys(prompt for _, prompt in cells)), cells)


def _shown(candidate: Candidate) -> str:
    return candidate.base or candidate.model or candidate.name


def _prompt_name(candidate: Candidate) -> str:
    return "" if candidate.prompt is None else candidate.prompt.name
