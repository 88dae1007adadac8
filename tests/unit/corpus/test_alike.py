"""A few cases find their like among many."""

from passmuster.corpus.alike import alike
from passmuster.corpus.duplicates import jaccard, shingles
from passmuster.records.case import Case

BASE = "my parcel never came and the courier says that it was left with a neighbour whom I do not know"


def test_likes_are_found_in_every_part_and_the_most_alike_comes_first() -> None:
    near = BASE + " at all"
    found = alike(
        [Case(id="n", input=BASE)],
        {
            "train": [Case(id="a", input=near)],
            "eval": [Case(id="b", input=BASE.upper())],
            "edge": [Case(id="c", input="x")],
        },
    )
    assert [(each.case, each.part) for each in found[0]] == [("b", "eval"), ("a", "train")]
    assert found[0][0].similarity == 1
    assert found[0][1].similarity == jaccard(shingles(BASE), shingles(near))


def test_the_threshold_is_kept() -> None:
    other = " ".join(BASE.split()[:12])
    assert alike([Case(id="n", input=BASE)], {"eval": [Case(id="a", input=other)]}) == [()]


def test_each_of_several_has_its_own() -> None:
    found = alike(
        [Case(id="n", input="one two three"), Case(id="m", input="four five six")],
        {"eval": [Case(id="a", input="Four, five, six.")]},
    )
    assert [len(each) for each in found] == [0, 1]
