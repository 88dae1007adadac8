"""The topics of a corpus: those that are frozen beside its cases, else new ones of its traffic."""

from collections.abc import Iterable

import numpy as np

from passmuster.adapters.topics import fit_topics, read_topics, write_topics
from passmuster.corpus.sampling.reservoir import Reservoir
from passmuster.corpus.sampling.topics import FITTED_ON, LOOKED_AT, Embed, Topics, TopicSpace
from passmuster.errors import Place
from passmuster.project.corpus.opening import Corpus
from passmuster.project.plugins import load_function
from passmuster.records.text import input_text
from passmuster.records.traffic import TrafficRecord

SEED = 0
"""What draws the texts that topics are fitted on, and where k-means begins."""


class RecordTopics:
    """Names the topic of a record of traffic."""

    def __init__(self, space: TopicSpace) -> None:
        self.space = space

    def of_record(self, record: TrafficRecord) -> str:
        """Return the name of a record's topic."""
        return self.space.name(input_text(record.input))


def frozen_topics(corpus: Corpus) -> TopicSpace | None:
    """Return the topics that are frozen with a corpus, None where there are none.

    Raises:
        CorpusError: where their file is wrong.
        UsageError: where they need an embedding that is not configured.
    """
    topics = read_topics(corpus.folder.topics)
    return None if topics is None else TopicSpace(topics, embedding(corpus))


def topic_space(corpus: Corpus, records: Iterable[TrafficRecord]) -> RecordTopics:
    """Return the frozen topics; where there are none, fit some on a sample of the traffic and freeze them.

    Raises:
        UsageError: where the texts have no topics.
    """
    space = frozen_topics(corpus)
    if space is None:
        texts: Reservoir[str] = Reservoir(FITTED_ON, np.random.default_rng(SEED))
        for record in records:
            texts.offer(input_text(record.input)[:LOOKED_AT])
        topics = fit(corpus, [text for _, text in texts.held])
        write_topics(corpus.folder.topics, topics)
        space = TopicSpace(topics, embedding(corpus))
    return RecordTopics(space)


def fit(corpus: Corpus, texts: list[str], number: int | None = None) -> Topics:
    """Return topics of these texts, by the embedding of the corpus where it has one.

    Raises:
        UsageError: for too few texts, and for texts that share no words.
    """
    return fit_topics(texts, number, seed=SEED, embed=embedding(corpus), embedding=corpus.settings.embeddings)


def embedding(corpus: Corpus) -> Embed | None:
    """Return what makes vectors of texts, None where the settings name nothing.

    Raises:
        ConfigurationError: where it cannot be loaded.
    """
    if corpus.settings.embeddings is None or corpus.project is None:
        return None
    place = Place(str(corpus.project.path))
    return load_function(corpus.settings.embeddings, corpus.project.folder, place)
