"""`corpus label form` on a folder: cases for an annotator, as cards, and what they say of them, written at once."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from passmuster.adapters.ingest.labels import append_labels
from passmuster.corpus.labels.standing import Who, known_labels, standing
from passmuster.errors import CorpusError, NotAvailableError, UsageError
from passmuster.project.corpus.label import open_files, read_log
from passmuster.project.corpus.opening import Corpus
from passmuster.records.case import Case
from passmuster.records.label import Label
from passmuster.records.record import Record
from passmuster.workflows.corpus.label import Wanted, distinct, take_in, to_label, typed
from passmuster.workflows.corpus.label_cards import label_card, label_of, own_order
from passmuster.workflows.form.cards import Card
from passmuster.workflows.form.state import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFormWish(Record):
    """Who labels, and which cases: those that are wanted, of these splits, less what they have labelled already."""

    annotator: str
    wanted: Wanted
    splits: tuple[str, ...] = ()


class LabelSession:
    """What one person labels at the keyboard.

    Args:
        corpus: The corpus.
        wish: Who it is, and which cases they see.

    Raises:
        NotAvailableError: where nothing is left for them to label.
        UsageError: for no name, for the name of a machine, and for an id that no open case has.
        CorpusError: where a file of the corpus is wrong.
    """

    def __init__(self, corpus: Corpus, wish: LabelFormWish) -> None:
        self._corpus, self._wish = corpus, wish
        self._all = distinct(open_files(corpus))
        self._log = read_log(corpus)
        project = corpus.project
        self._machines = [] if project is None else [entry.name for entry in project.settings.candidates]
        self._annotator = self._person(wish.annotator)
        self._cases = own_order(self._left(wish.wanted), self._annotator, wish.wanted.seed)
        if not self._cases:
            raise NotAvailableError(
                f"no case is left for {self._annotator} to label",
                hint="Say which: --which all, or --which disputed",
            )
        self._labels = known_labels(self._all)

    @property
    def cards(self) -> tuple[Card, ...]:
        """What is shown, in an order of the annotator's own."""
        return tuple(label_card(case, self._labels) for case in self._cases)

    @property
    def waiting(self) -> int:
        """How many cases of the wanted kind are left to this person now, beyond any limit."""
        self._log = read_log(self._corpus)
        return len(self._left(replace(self._wish.wanted, limit=None)))

    def keep(self, entry: Entry) -> None:
        """Write the label of a case; it is in the file when this returns.

        Raises:
            CorpusError: where the file cannot be written.
        """
        case = self._cases[entry.place]
        taken = self._taken(typed([label_of(case, entry, self._annotator)], self._all), [case])
        if taken:
            append_labels(self._corpus.folder.labels, taken)
            self._log.extend(taken)

    def _taken(self, labels: Sequence[Label], cases: Sequence[Case]) -> tuple[Label, ...]:
        now = self._corpus.clock.now()
        return take_in(labels, self._log, cases, source="", now=now, machines=self._machines).labels

    def _left(self, wanted: Wanted) -> list[Case]:
        cases = distinct(open_files(self._corpus, self._wish.splits))
        who = Who("human", self._annotator)
        found = standing(self._log, cases)
        own = {case.id for case in cases if who in found.given.get(case.id, {})}
        return [case for case in to_label(cases, self._log, wanted) if case.id not in own]

    def _person(self, name: str) -> str:
        kept = unicodedata.normalize("NFC", name).strip()
        if not kept:
            raise UsageError("an annotator has a name", hint="Say whose labels these are: --annotator NAME")
        try:
            self._taken([Label(case="", value=None, annotator=kept, kind="human")], ())
        except CorpusError:
            raise UsageError(
                f"{kept!r} is the name of a machine, and the form is filled in by people",
                hint="Labels of people and machines are kept apart. Give the annotator another name.",
            ) from None
        return kept
