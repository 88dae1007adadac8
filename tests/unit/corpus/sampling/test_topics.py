"""Topics are found, frozen and found again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from passmuster.adapters.topics import fit_topics, read_topics, write_topics
from passmuster.corpus.sampling.topics import NO_TOPIC, TopicSpace, Vectors, packed, topic_words, unpacked
from passmuster.errors import CorpusError, UsageError

SUBJECTS = {
    "card": "my card was stolen block the card lost card",
    "loan": "interest rate of the loan mortgage rate monthly loan",
    "parcel": "parcel delivery courier never arrived parcel delivery late",
}


def texts(count: int = 60) -> list[str]:
    chance = np.random.default_rng(1)
    names = list(SUBJECTS)
    return [
        f"{names[number % 3]} "
        + " ".join(chance.choice(SUBJECTS[names[number % 3]].split(), 6))
        + f" ref{number}"
        for number in range(count)
    ]


def test_topics_are_those_of_the_texts_and_named_by_their_words() -> None:
    topics = fit_topics(texts(), 3)
    space = TopicSpace(topics)
    places = [int(place) for place in space.place(texts())[0]]
    assert {len(set(places[start::3])) for start in range(3)} == {1}
    assert len(set(places)) == 3
    marks = [any(word in name for name in topics.names) for word in ("card", "loan", "parcel")]
    assert marks == [True, True, True]
    assert topics.shares == pytest.approx((1 / 3,) * 3, abs=1e-6)


def test_the_same_texts_and_seed_give_the_same_topics() -> None:
    assert fit_topics(texts(), 3, seed=4) == fit_topics(texts(), 3, seed=4)


def test_what_is_read_back_places_texts_in_the_very_same_way(tmp_path: Path) -> None:
    topics = fit_topics(texts(), 3)
    write_topics(tmp_path / "topics.json", topics)
    again = read_topics(tmp_path / "topics.json")
    assert again == topics
    one, other = TopicSpace(topics).place(texts()), TopicSpace(topics).place(texts())
    assert (one[0] == other[0]).all()
    assert (one[1] == other[1]).all()


def test_a_text_without_a_known_word_has_no_topic_and_is_far_from_all() -> None:
    space = TopicSpace(fit_topics(texts(), 3))
    places, distances = space.place(["zebra quagga", "", "card stolen"])
    assert [space.names[place] for place in places][:2] == [NO_TOPIC] * 2
    assert distances[0] == 2.0
    assert space.names[places[2]] != NO_TOPIC
    assert distances[2] < 1.0


def test_most_texts_lie_within_the_radius_of_their_topic() -> None:
    topics = fit_topics(texts(300), 3)
    places, distances = TopicSpace(topics).place(texts(300))
    inside = distances <= np.array(topics.radii)[places] + 1e-6
    assert inside.mean() >= 0.98


def test_topics_may_be_found_among_vectors_that_are_given() -> None:
    def embed(texts: object) -> Vectors:
        return np.array([[1.0, 0.0] if "card" in text else [0.0, 1.0] for text in texts])  # type: ignore[attr-defined]

    topics = fit_topics(texts(), 2, embed=embed, embedding="mine.py:vectors")
    assert topics.embedding == "mine.py:vectors"
    assert topics.words == ()
    places = TopicSpace(topics, embed).place(texts())[0].tolist()
    assert len(set(places[::3])) == 1
    assert places[0] != places[1] == places[2]
    with pytest.raises(UsageError, match="which is not configured"):
        TopicSpace(topics)


def test_an_embedding_that_gives_no_vectors_is_refused() -> None:
    with pytest.raises(UsageError, match="no vector of finite numbers"):
        fit_topics(texts(), 2, embed=lambda given: np.full((len(given), 2), np.nan))


@pytest.mark.parametrize(
    ("given", "number", "message"),
    [
        (["a b c"] * 5, 2, "too few"),
        (["same words here"] * 50, 2, "hardly any words"),
        ([f"word{n} other{n}" for n in range(50)], 2, "hardly any words"),
        (texts(), 31, "at most half"),
        (texts(), 1, "at least 2"),
    ],
)
def test_texts_without_topics_are_told(given: list[str], number: int, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        fit_topics(given, number)


def test_numbers_addresses_and_links_never_come_to_the_vocabulary() -> None:
    given = (
        "Jo@example.com +49 170 1234567 DE89370400440532013000 https://x.example/?t=abc sk-abcdef123 Refund?"
    )
    assert list(topic_words(given)) == ["refund"]


def test_a_script_without_blanks_gives_pairs_of_characters() -> None:
    assert list(topic_words("我的卡丢了")) == ["我的", "的卡", "卡丢", "丢了"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"names": ["a"]}',
        b'{"names":["a","b"],"shares":[0.5,0.5],"radii":[1,1],"dimensions":2,"centroids":"!!"}',
        b'{"names":["a"],"shares":[1.0],"radii":[1.0],"dimensions":2,"centroids":"AACAPw=="}',
        b'{"names":["a","b"],"shares":[1.0],"radii":[1.0],"dimensions":1,"centroids":"AACAPw=="}',
    ],
)
def test_a_file_that_holds_no_topics_is_refused_with_its_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "topics.json").write_bytes(content)
    with pytest.raises(CorpusError, match=r"topics\.json.*no file of topics"):
        read_topics(tmp_path / "topics.json")


def test_there_need_be_no_file(tmp_path: Path) -> None:
    assert read_topics(tmp_path / "topics.json") is None


def test_damaged_tables_are_refused() -> None:
    topics = fit_topics(texts(), 3)
    with pytest.raises(UsageError, match="do not fit together"):
        TopicSpace(replace(topics, words=topics.words[1:]))
    with pytest.raises(UsageError, match="damaged"):
        unpacked(packed(np.zeros((1, 3))), 2)
