"""Whatever the cases are: versions, differences and searches keep their word."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.ingest.folder import CorpusFolder
from passmuster.adapters.ingest.versions import VersionFiles
from passmuster.corpus.alike import alike
from passmuster.corpus.contamination.overlap import Wanted
from passmuster.corpus.contamination.passages import Passage
from passmuster.corpus.duplicates import jaccard, shingles
from passmuster.corpus.ngrams import grams, words
from passmuster.corpus.versions.compare import compare_states
from passmuster.corpus.versions.frozen import PARTS, Moment, State, frozen_version, state_digest
from passmuster.records.case import Case
from passmuster.records.version import PartName
from passmuster.stats.rouge import common_length, rouge_l

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.dictionaries(TEXT.filter(lambda name: name != "messages"), JSON, min_size=1, max_size=3)
CASE = st.builds(
    Case,
    id=TEXT.filter(bool),
    input=TEXT | FIELDS,
    reference=JSON,
    stratum=st.none() | TEXT,
    tags=st.lists(TEXT, max_size=2).map(tuple),
    origin=st.sampled_from(["production", "expert"]),
    time=st.none() | st.floats(allow_nan=False, allow_infinity=False),
)
CASES = st.lists(CASE, max_size=6, unique_by=lambda case: case.id)
WORD = st.sampled_from(["a", "b", "c", "d", "e"])
WORDS = st.lists(WORD, min_size=1, max_size=40)


@st.composite
def states(draw: Callable[..., list[Case]]) -> State:
    cases = draw(CASES)
    parts: dict[PartName, list[Case]] = {}
    for case in cases:
        parts.setdefault(draw(st.sampled_from(PARTS)), []).append(case)  # type: ignore[arg-type]  # draw gives what it is asked for
    return State(parts=parts)


@given(states())
def test_a_frozen_state_comes_back_with_its_name(state: State) -> None:
    with TemporaryDirectory() as folder:
        files = VersionFiles(CorpusFolder(Path(folder)))
        version = frozen_version(state, Moment(time=1.0, canary="c"))
        files.keep(version, state, "c")
        assert files.versions() == (version,)
        assert state_digest(files.state(version)) == version.version == state_digest(state)


@given(states(), states())
def test_a_difference_accounts_for_every_case(before: State, after: State) -> None:
    found = compare_states(before, after)
    held = [sum(map(len, each.parts.values())) for each in (before, after)]
    common = len(found.changed) + found.unchanged
    assert [len(found.removed) + common, len(found.added) + common] == held
    assert [found.total.before, found.total.after] == held
    for tallies in (found.parts, found.strata, found.origins):
        for name in ("before", "after", "added", "removed", "changed", "relabelled", "moved"):
            assert sum(getattr(each, name) for each in tallies.values()) == getattr(found.total, name)


@given(states(), states())
def test_equal_names_are_no_difference_and_no_difference_is_equal_names(before: State, after: State) -> None:
    found = compare_states(before, after)
    same = not (found.added or found.removed or found.changed)
    assert same == (state_digest(before) == state_digest(after))


@given(states(), states())
def test_what_was_added_one_way_was_removed_the_other(before: State, after: State) -> None:
    one, other = compare_states(before, after), compare_states(after, before)
    assert {each.case for each in one.added} == {each.case for each in other.removed}
    assert len(one.changed) == len(other.changed)


@given(WORDS, WORDS)
def test_a_long_common_run_is_what_is_found(case: list[str], passage: list[str]) -> None:
    """Against the definition: sets of runs of 13 words, built naively."""
    one, other = " ".join(case * 2), " ".join(passage * 2)
    wanted = Wanted([Case(id="1", input=one)])
    found = wanted.found("s", [Passage("p", other)])
    size = min(len(words(one)), 13)
    if size >= 8:
        assert bool(found.copied) == bool(set(grams(one, size)) & set(grams(other, size)))


@given(st.lists(WORDS, max_size=5), WORDS)
def test_likes_are_those_of_the_definition(held: list[list[str]], new: list[str]) -> None:
    cases = [Case(id=str(n), input=" ".join(each)) for n, each in enumerate(held)]
    (found,) = alike([Case(id="new", input=" ".join(new))], {"eval": cases})
    own = shingles(" ".join(new))
    expected = {case.id for case in cases if jaccard(own, shingles(str(case.input))) >= 0.8}
    assert {each.case for each in found} == expected


@given(WORDS, WORDS)
def test_rouge_is_symmetric_in_f1_and_bounded(one: list[str], other: list[str]) -> None:
    there, back = rouge_l(" ".join(one), " ".join(other)), rouge_l(" ".join(other), " ".join(one))
    assert there.f1 == back.f1
    assert (there.precision, there.recall) == (back.recall, back.precision)
    assert 0 <= there.f1 <= 1


@given(WORDS, WORDS, WORDS)
def test_a_subsequence_is_common_whole(one: list[str], before: list[str], after: list[str]) -> None:
    assert common_length(one, [*before, *one, *after]) == len(one)
    assert common_length(one, one[::2]) == len(one[::2])


@given(CASE)
def test_a_case_is_no_difference_from_its_copy(case: Case) -> None:
    assert (
        compare_states(State(parts={"eval": [case]}), State(parts={"eval": [replace(case)]})).unchanged == 1
    )
