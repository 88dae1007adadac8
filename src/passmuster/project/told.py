"""What a project tells its models besides the case: the texts of prompts, and those in parameters and bodies."""

from collections.abc import Iterator
from typing import NamedTuple

from passmuster.corpus.contamination.passages import strings
from passmuster.project.load import Project
from passmuster.project.yaml import Path

_KEYS = {"user": ("file", "user"), "system": ("system_file", "system"), "format": ("format",)}


class Told(NamedTuple):
    """A text that models are told: in which part of what, and where that stands in the project file."""

    text: str
    part: str
    owner: str
    path: Path

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return f"{self.part} of {self.owner}"


def told(project: Project) -> Iterator[Told]:
    """Yield each text that stands in a prompt or in what goes into every request, the same one once."""
    seen: set[tuple[str, str, str]] = set()
    for each in (*_of_prompts(project), *_of_candidates(project)):
        if (each.text, each.part, each.owner) not in seen:
            seen.add((each.text, each.part, each.owner))
            yield each


def _of_prompts(project: Project) -> Iterator[Told]:
    for variant in project.variants:
        owner = f"the prompt {variant.name!r}"
        for part, keys in _KEYS.items():
            text = getattr(variant.prompt, part)
            if text:
                yield Told(text, f"{part} template", owner, _place(project, variant.path, keys))
        for text in strings(variant.settings.parameters):
            place = _place(project, variant.path, ("parameters",))
            yield Told(text, "parameters", owner, place)


def _of_candidates(project: Project) -> Iterator[Told]:
    for index, entry in enumerate(project.settings.candidates):
        owner = f"the candidate {entry.name!r}"
        for part in ("parameters", "body"):
            for text in strings(getattr(entry, part, None)):
                yield Told(text, part, owner, _place(project, ("candidates", index), (part,)))


def _place(project: Project, path: Path, keys: tuple[str, ...]) -> Path:
    values = project.document.values
    return next(((*path, key) for key in keys if (*path, key) in values), path)
