"""Sources are looked through one by one, and what is found is told by share."""

from collections.abc import Iterator

from passmuster.records.case import Case
from passmuster.workflows.corpus.contamination import Passage, Source, overlap

ONE = Case(id="1", input="my card was stolen in Rome on Monday and I need a new one by Friday at the latest")
TWO = Case(id="2", input="the courier left my parcel with a neighbour whom I do not know and who is never in")


def test_each_source_says_how_many_texts_and_cases_it_holds() -> None:
    found = overlap(
        [ONE, TWO],
        [
            Source("prompts", [Passage("p", f"Example: {ONE.input}")]),
            Source("train", [Passage("a", "x"), Passage("b", str(ONE.input)), Passage("c", str(TWO.input))]),
            Source("empty", []),
        ],
    )
    assert {name: (each.texts, each.cases) for name, each in found.sources.items()} == {
        "prompts": (1, 1),
        "train": (3, 2),
        "empty": (0, 0),
    }
    assert found.flagged == ("1", "2")
    assert [(each.case, each.source) for each in found.copied] == [
        ("1", "prompts"),
        ("1", "train"),
        ("2", "train"),
    ]


def test_the_largest_share_comes_first() -> None:
    part = " ".join(str(ONE.input).split()[:13])
    found = overlap([ONE, TWO], [Source("s", [Passage("p", f"{part}\n{TWO.input}")])])
    assert [each.case for each in found.copied] == ["2", "1"]
    assert found.copied[0].share == 1
    assert 0 < found.copied[1].share < 1


def test_sources_are_streamed_once() -> None:
    taken = []

    def passages() -> Iterator[Passage]:
        for number in range(3):
            taken.append(number)
            yield Passage(str(number), "nothing of it")

    overlap([ONE], [Source("s", passages())])
    assert taken == [0, 1, 2]


def test_a_case_counts_as_boilerplate_only_where_nothing_else_of_it_is_copied() -> None:
    letter = "dear sir or madam I am writing to you because I am not content with your services"
    cases = [
        Case(id=str(n), input=f"{letter} number{n} " + " ".join(f"w{n}x{k}" for k in range(14)))
        for n in range(9)
    ]
    found = overlap(
        cases, [Source("a", [Passage("p", letter)]), Source("b", [Passage("q", str(cases[0].input))])]
    )
    assert found.flagged == ("0",)
    assert found.boilerplate == 8
