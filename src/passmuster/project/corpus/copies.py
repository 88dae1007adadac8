"""How much of a holdout stands in what candidates are given or learn from."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from passmuster.corpus.contamination import Passage
from passmuster.errors import Place, UsageError
from passmuster.project.corpus.opening import Corpus
from passmuster.records.case import Case
from passmuster.records.text import input_text
from passmuster.workflows.corpus.contamination import Source, overlap


def copies(
    corpus: Corpus, cases: Sequence[Case], others: Mapping[str, Sequence[Case]] | None = None
) -> dict[str, int]:
    """Return how many of these cases share a run of words with each source, by its name.

    Args:
        corpus: Its open splits and pools are sources, its prompts, and the files named under `learned_from`.
        cases: The holdout.
        others: The cases of other splits, where their files are not written yet.

    Raises:
        CorpusError: where a file of cases is wrong.
        UsageError: where a file of `learned_from` cannot be read.
    """
    parts: dict[str, Iterable[Passage]] = {
        name: map(_passage, held) for name, held in (others or _open(corpus)).items() if held
    }
    if corpus.project is not None and corpus.project.prompts:
        parts["prompts"] = [
            Passage(f"prompt {prompt.name}", text)
            for prompt in corpus.project.prompts
            for text in (prompt.user, prompt.system)
            if text
        ]
    for name in corpus.settings.learned_from:
        parts[name] = _file(corpus.beside(name))
    found = overlap(cases, [Source(name, passages) for name, passages in parts.items()])
    return {name: source.cases for name, source in found.sources.items()}


def _open(corpus: Corpus) -> dict[str, Sequence[Case]]:
    folder = corpus.folder
    pools = {str(name): cases for name, cases in folder.pools().items()}
    return {"train": folder.split("train"), "eval": folder.split("eval"), **pools}


def _passage(case: Case) -> Passage:
    return Passage(f"case {case.id}", input_text(case.input))


def _file(path: Path) -> Iterator[Passage]:
    """Yield the texts of a file: of JSON lines every text in them, else each line."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as stream:
            for number, line in enumerate(stream, start=1):
                yield Passage(f"{path}:{number}", "\n".join(_texts(line)))
    except OSError as error:
        raise UsageError(
            f"what candidates learned from cannot be read: {error.strerror or error}",
            place=Place(str(path)),
            hint="Check learned_from in the project file.",
        ) from None


def _texts(line: str) -> Iterator[str]:
    try:
        waiting: list[object] = [json.loads(line)]
    except (ValueError, RecursionError):
        yield line
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting.extend(reversed(value.values()))
        elif isinstance(value, list):
            waiting.extend(reversed(value))
