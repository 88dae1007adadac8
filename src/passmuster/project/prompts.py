"""Prompt variants as a project file has them: read, checked, and named."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath

from passmuster.errors import ConfigurationError, PromptError
from passmuster.project.checks import Files
from passmuster.project.prompt_settings import PromptSettings
from passmuster.project.yaml import Document, Path
from passmuster.records.candidate import Prompt
from passmuster.runner.prompt import check_prompt

_TEXTS = ("file", "user", "system", "system_file", "format", "structure")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A prompt without the few-shot cases that it will show, its settings, and where they stand."""

    prompt: Prompt
    settings: PromptSettings
    path: Path

    @property
    def name(self) -> str:
        """How it is shown."""
        return self.prompt.name


def read_variants(
    prompts: Sequence[PromptSettings], path: Path, document: Document, files: Files
) -> list[Variant]:
    """Return the prompts of a list, each with a name of its own.

    Args:
        prompts: As the project file has them.
        path: Where they stand.
        document: The project file.
        files: The files that it names.

    Raises:
        ConfigurationError: for a prompt without content, with two texts for one part, or that cannot be read.
    """
    listed = [(*path, index) for index in range(len(prompts))]
    places = [place if place in document.values else path for place in listed]
    read = [
        _Reading(document, files, place).read(prompt) for prompt, place in zip(prompts, places, strict=True)
    ]
    names = [variant.name for variant in read]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise ConfigurationError(
                f"two prompts have the name {name!r}",
                place=document.value(places[index]),
                hint="Give each a `name:` of its own.",
            )
    return read


class _Reading:
    def __init__(self, document: Document, files: Files, path: Path) -> None:
        self._document = document
        self._files = files
        self._path = path

    def read(self, prompt: PromptSettings) -> Variant:
        """Return the prompt with the texts of its files."""
        self._refuse(prompt)
        user, system = prompt.user, prompt.system
        if prompt.file is not None:
            user = self._files.text(prompt.file, self._at("file"), "the prompt")
        if prompt.system_file is not None:
            system = self._files.text(prompt.system_file, self._at("system_file"), "the prompt")
        stem = FilePath(prompt.file or prompt.system_file or "prompt").name.partition(".")[0]
        read = Prompt(
            name=prompt.name or stem,
            user=user,
            system=system,
            format=prompt.format,
            structure=prompt.structure or "plain",
        )
        try:
            check_prompt(read)
        except PromptError as error:
            raise ConfigurationError(
                f"the prompt {read.name!r} cannot be read: {error}", place=self._document.value(self._path)
            ) from error
        return Variant(prompt=read, settings=prompt, path=self._path)

    def _refuse(self, prompt: PromptSettings) -> None:
        for one, other in (("file", "user"), ("system_file", "system")):
            if getattr(prompt, one) is not None and getattr(prompt, other) is not None:
                raise ConfigurationError(
                    f"a prompt has either `{one}` or `{other}`, not both",
                    place=self._document.value(self._path),
                )
        if (
            all(getattr(prompt, text) is None for text in _TEXTS)
            and prompt.few_shot is None
            and not prompt.parameters
        ):
            raise ConfigurationError(
                "a prompt needs a text: `file`, `user`, `system` or `system_file`",
                place=self._document.value(self._path),
                hint="Or what else makes it a variant: `format`, `structure`, `few_shot`, `parameters`. "
                "One that adds nothing is {name: plain, structure: plain}.",
            )
        if prompt.structure not in {None, "plain"} and (prompt.user is not None or prompt.file is not None):
            raise ConfigurationError(
                "a prompt has either a user template or a `structure`, not both",
                place=self._document.value(self._at("structure")),
                hint="The template says itself how the case is laid out.",
            )

    def _at(self, key: str) -> Path:
        return (*self._path, key) if (*self._path, key) in self._document.values else self._path
