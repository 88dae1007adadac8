"""The imported traffic of a corpus as one stream."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from passmuster.adapters.ingest.traffic import ENDING, read_traffic_file, traffic_files
from passmuster.corpus.sampling.strata import TOPICS, StratumRule
from passmuster.errors import UsageError
from passmuster.project.corpus.opening import Corpus
from passmuster.project.corpus.topic_space import topic_space
from passmuster.records.traffic import TrafficRecord

Watch = Callable[[int], None]
"""Is told how many records have been gone through, every now and then."""

_EVERY = 2_000


def chosen_traffic(corpus: Corpus, names: Sequence[str] = ()) -> list[Path]:
    """Return the files of traffic with these names (all where none is given), by name.

    Raises:
        UsageError: for a name that no import has, and where nothing was imported yet.
    """
    files = traffic_files(corpus.folder.traffic)
    known = {path.name.removesuffix(ENDING): path for path in files}
    for name in names:
        if name.removesuffix(ENDING) not in known:
            raise UsageError(
                f"there is no traffic called {name!r}",
                hint=f"Imported so far: {', '.join(known) or 'nothing'}. See: passmuster corpus import",
            )
    if not files:
        raise UsageError(
            f"there is no traffic in {corpus.folder.traffic}",
            hint="Bring some in: passmuster corpus import LOGS.jsonl",
        )
    wanted = {name.removesuffix(ENDING) for name in names}
    return [path for name, path in known.items() if not wanted or name in wanted]


def stream(files: Sequence[Path], watch: Watch | None = None) -> Iterator[TrafficRecord]:
    """Yield the records of these files, one after another.

    Raises:
        CorpusError: where a file is broken.
    """
    number = 0
    for path in files:
        for record in read_traffic_file(path):
            number += 1
            if watch is not None and not number % _EVERY:
                watch(number)
            yield record
    if watch is not None:
        watch(number)


class Strata:
    """What makes the strata of a corpus: a rule, or the topics of the text.

    Args:
        corpus: An open corpus; its settings name the rule where none is given.
        rule: A column, a field, an expression, or `topics`.
        files: The traffic that topics are fitted on where none are frozen yet.
        watch: Is told how that goes on.

    Raises:
        UsageError: for a rule that cannot be read, and for texts that have no topics.
    """

    def __init__(
        self, corpus: Corpus, rule: str | None, files: Sequence[Path] = (), watch: Watch | None = None
    ) -> None:
        self.by = rule or corpus.settings.strata
        self._rule: StratumRule | None = None
        self._of: Callable[[TrafficRecord], str] | None = None
        if self.by == TOPICS:
            space = topic_space(corpus, stream(files, watch))
            self._of = space.of_record
        elif self.by is not None:
            self._rule = StratumRule(self.by)
            self._of = self._rule

    @property
    def of(self) -> Callable[[TrafficRecord], str] | None:
        """Says where a record belongs; None where nothing makes strata."""
        return self._of

    def check_seen(self) -> None:
        """Raise where the rule speaks of a column that no record had.

        Raises:
            UsageError: with the columns that there are.
        """
        if self._rule is not None:
            self._rule.check_seen()
