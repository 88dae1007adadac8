"""A chain that was touched anywhere is not whole any more."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.corpus.seal.chain import Chain, chained, entry_hash, entry_proof, flaws
from passmuster.records.seal import Entry, Event

KEY = b"k" * 32
SEAL = "5" * 64


def entry(event: Event, **more: object) -> Entry:
    return Entry(event=event, time=1.0, actor="a", seal=SEAL, **more)  # type: ignore[arg-type]  # of one event


def story(openings: int = 2, *, retired: bool = False) -> list[Entry]:
    """Return a ledger in which everything went as it should."""
    found = [chained(None, entry("sealed"), KEY)]
    found.append(chained(found[-1], entry("exposed", purpose="it lay in plain"), KEY))
    for number in range(openings):
        told: dict[str, object] = {"candidates": {"a": f"{number}"}, "rule": "1" * 64}
        found.append(chained(found[-1], entry("planned", **told)))
        found.append(chained(found[-1], entry("opening", plan=found[-1].hash, **told), KEY))
        found.append(chained(found[-1], entry("opened", opening=found[-1].hash, result="2" * 64), KEY))
    if retired:
        found.append(chained(found[-1], entry("retired"), KEY))
    return found


def rehashed(entries: Sequence[Entry], start: int) -> list[Entry]:
    """Return a chain whose links were made anew from a place on, as anybody can do who has no key."""
    found = list(entries[:start])
    for each in entries[start:]:
        linked = replace(
            each,
            sequence=len(found) + 1,
            prev=found[-1].hash if found else "0" * 64,
            plan=found[-1].hash if each.event == "opening" else each.plan,
            opening=found[-1].hash if each.event == "opened" else each.opening,
        )
        found.append(replace(linked, hash=entry_hash(linked)))
    return found


def test_a_ledger_as_it_was_written_is_whole() -> None:
    assert list(flaws(story(), KEY)) == []
    assert list(flaws(story(retired=True), KEY)) == []


@given(st.data())
def test_a_deleted_line_is_noticed_unless_it_is_the_end(data: st.DataObject) -> None:
    whole = story()
    place = data.draw(st.integers(0, len(whole) - 2))

    assert list(flaws(whole[:place] + whole[place + 1 :]))


@given(st.permutations(range(8)))
def test_another_order_is_noticed(order: list[int]) -> None:
    whole = story()
    moved = [whole[place] for place in order]

    assert bool(list(flaws(moved))) == (moved != whole)


@given(st.data())
def test_a_line_that_is_added_is_noticed(data: st.DataObject) -> None:
    whole = story()
    place = data.draw(st.integers(0, len(whole)))
    added = data.draw(st.sampled_from(whole))

    assert list(flaws([*whole[:place], added, *whole[place:]]))


CHANGES: dict[str, Callable[[Entry], Entry]] = {
    "time": lambda each: replace(each, time=each.time + 1),
    "actor": lambda each: replace(each, actor="b"),
    "purpose": lambda each: replace(each, purpose="another"),
    "candidates": lambda each: replace(each, candidates={"b": "9"}),
    "rule": lambda each: replace(each, rule="3" * 64),
    "result": lambda each: replace(each, result="3" * 64),
    "proof": lambda each: replace(each, proof="3" * 64),
    "hash": lambda each: replace(each, hash="3" * 64),
    "prev": lambda each: replace(each, prev="3" * 64),
    "sequence": lambda each: replace(each, sequence=each.sequence + 1),
    "seal": lambda each: replace(each, seal="3" * 64),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("place", range(8))
def test_any_changed_field_of_any_entry_is_noticed(change: str, place: int) -> None:
    whole = story()
    whole[place] = CHANGES[change](whole[place])

    assert list(flaws(whole))


@pytest.mark.parametrize("place", range(7))
def test_an_entry_with_a_new_hash_of_its_own_breaks_the_one_behind_it(place: int) -> None:
    whole = story()
    changed = replace(whole[place], purpose="another")
    whole[place] = replace(changed, hash=entry_hash(changed))

    assert place + 2 in {flaw.line for flaw in flaws(whole)}


@pytest.mark.parametrize("place", range(1, 7))
def test_an_entry_that_is_taken_out_with_new_links_behind_it_leaves_its_number(place: int) -> None:
    whole = story()
    found = whole[:place]
    for each in whole[place + 1 :]:
        linked = replace(each, prev=found[-1].hash)
        found.append(replace(linked, hash=entry_hash(linked)))

    assert (place + 1, f"this is entry {place + 2}, and {place + 1} comes here") in list(flaws(found))


@pytest.mark.parametrize("change", ["time", "actor", "purpose", "candidates", "rule", "result"])
@pytest.mark.parametrize("place", range(8))
def test_with_new_hashes_behind_it_the_key_still_shows_the_change(change: str, place: int) -> None:
    """The chain alone cannot: anybody can make hashes. Only what no opening stands behind stays unproved."""
    whole = story()
    whole[place] = CHANGES[change](whole[place])

    assert list(flaws(rehashed(whole, place), KEY))


def test_a_forged_result_with_new_hashes_looks_whole_without_the_key_and_not_with_it() -> None:
    whole = story(openings=1)
    forged = rehashed([*whole[:-1], replace(whole[-1], result="3" * 64)], len(whole) - 1)

    assert list(flaws(forged)) == []
    assert [(flaw.line, "custodian's key" in flaw.message) for flaw in flaws(forged, KEY)] == [(5, True)]


def test_a_forged_opening_without_any_proof_is_shown_by_the_key() -> None:
    whole = story(openings=0)
    whole.append(chained(whole[-1], entry("planned", rule="1" * 64)))
    whole.append(chained(whole[-1], entry("opening", plan=whole[-1].hash, rule="1" * 64)))

    assert list(flaws(whole)) == []
    assert list(flaws(whole, KEY))


def test_proofs_made_with_another_key_are_none() -> None:
    assert len(list(flaws(story(), b"j" * 32))) == 6


def test_an_opening_needs_a_plan_that_fits_and_was_not_used() -> None:
    sealed = [chained(None, entry("sealed"), KEY)]
    planned = [*sealed, chained(sealed[-1], entry("planned", rule="1" * 64))]
    plan = planned[-1].hash
    without = [*sealed, chained(sealed[-1], entry("opening", plan="4" * 64, rule="1" * 64), KEY)]
    other = [*planned, chained(planned[-1], entry("opening", plan=plan, rule="2" * 64), KEY)]
    first = [*planned, chained(planned[-1], entry("opening", plan=plan, rule="1" * 64), KEY)]
    again = [*first, chained(first[-1], entry("opening", plan=plan, rule="1" * 64), KEY)]

    assert [flaw.message for flaw in flaws(without, KEY)] == ["an opening without a plan before it"]
    assert [flaw.message for flaw in flaws(other, KEY)] == ["an opening for something else than was planned"]
    assert list(flaws(first, KEY)) == []
    assert [flaw.message for flaw in flaws(again, KEY)] == ["an opening without a plan before it"]


def test_an_opening_has_one_result_and_a_result_an_opening() -> None:
    whole = story(openings=1)
    twice = [*whole, chained(whole[-1], entry("opened", opening=whole[3].hash, result="2" * 64), KEY)]
    none = [*whole, chained(whole[-1], entry("opened", opening="7" * 64, result="2" * 64), KEY)]

    for found in (twice, none):
        assert [flaw.message for flaw in flaws(found, KEY)] == ["a result without an opening before it"]


def test_nothing_comes_after_the_end() -> None:
    whole = story(retired=True)
    more = [*whole, chained(whole[-1], entry("planned"))]

    assert [flaw.message for flaw in flaws(more)] == ["the holdout was retired before this"]


def test_a_ledger_begins_with_a_seal_and_has_one() -> None:
    first = chained(None, entry("planned"))
    second = chained(story(0)[-1], entry("sealed"), KEY)

    assert [flaw.message for flaw in flaws([first])] == [
        "a ledger begins with one entry `sealed`, and has no other"
    ]
    assert len(list(flaws([*story(0), second]))) == 1


def test_what_a_chain_tells_is_what_happened() -> None:
    chain = Chain(KEY)
    whole = [*story(openings=2), chained(story(2)[-1], entry("planned", rule="6" * 64))]
    assert [flaw for each in whole for flaw in chain.take(each)] == []

    assert list(chain.plans) == [whole[-1].hash]
    assert list(chain.openings) == [whole[3].hash, whole[6].hash]
    assert list(chain.results) == [whole[3].hash, whole[6].hash]


def test_a_proof_covers_where_an_entry_stands() -> None:
    one, other = story(1)[3], replace(story(1)[3], prev="8" * 64)

    assert entry_proof(one, KEY) != entry_proof(other, KEY)


def test_what_needs_the_key_cannot_be_written_or_reworded_without_it() -> None:
    """Nobody ends the life of a holdout, or makes light of how it lay open, behind the custodian's back."""
    whole = story(0)
    ended = [*whole, chained(whole[-1], entry("retired"))]
    reworded = [whole[0], chained(whole[0], entry("exposed", purpose="hardly at all"))]

    assert list(flaws(ended)) == list(flaws(reworded)) == []
    for found, event in ((ended, "retired"), (reworded, "exposed")):
        (flaw,) = flaws(found, KEY)
        assert flaw.message == f"{event}: nobody who held the custodian's key wrote this"
