"""Who is who: what is stated, the same name, the same but for spelling; nothing is guessed."""

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.decide.screening.worlds import table

from passmuster.decide.screening.names import match_notes, matches, near, normalised, settled
from passmuster.records.candidate import Candidate
from passmuster.records.leaderboard import ModelMatch, PublicRow, PublicTable


def board(*names: str) -> PublicTable:
    return replace(table(np.zeros(1)), rows=tuple(PublicRow(model=name, figures={}) for name in names))


def llm(name: str, model: str | None = None) -> Candidate:
    return Candidate(name=name, provider="openai", model=model)


def one(candidate: Candidate, *names: str, stated: dict[str, list[str]] | None = None) -> ModelMatch:
    return matches([candidate], [board(*names)], stated)[0]


def test_the_same_name_is_the_model_before_one_that_differs_in_spelling() -> None:
    found = one(llm("mine", "gpt-4o"), "GPT-4o", "gpt-4o")
    assert (found.how, found.model) == ("exact", "gpt-4o")


@pytest.mark.parametrize("public", ["openai/GPT 4o", "gpt_4o", "GPT-4O"])
def test_spelling_makes_no_other_model(public: str) -> None:
    found = one(llm("gpt-4o"), public, "gpt-4o-mini")
    assert (found.how, found.model) == ("normalised", public)


def test_several_that_differ_in_spelling_only_are_ambiguous_and_none_is_taken() -> None:
    found = one(llm("gpt-4o"), "GPT-4o", "openai/gpt-4o")
    assert (found.how, found.model, found.possible) == ("ambiguous", None, ("GPT-4o", "openai/gpt-4o"))
    assert "none is taken" in match_notes([found])[0]


def test_another_date_or_host_is_proposed_and_not_taken() -> None:
    found = one(llm("gpt-4o"), "gpt-4o-2024-05-13", "gpt-4o-2024-08-06")
    assert (found.how, found.model) == ("proposed", None)
    assert "leaderboards: {names: {gpt-4o: gpt-4o-2024-05-13}}" in match_notes([found])[0]
    assert one(llm("gemma-2-27b-it@together"), "gemma-2-27b-it").how == "proposed"


def test_two_dates_that_differ_are_two_models() -> None:
    assert one(llm("claude-3-5-sonnet-20241022"), "claude-3-5-sonnet-20240620").how == "none"
    assert one(llm("deepseek-v2.5-0908"), "DeepSeek-V2.5-1210").how == "none"


def test_what_the_user_states_comes_first_and_null_is_in_none() -> None:
    assert one(llm("a", "gpt-4o"), "gpt-4o", "other", stated={"a": ["missing", "other"]}).model == "other"
    nobody = one(llm("a", "gpt-4o"), "gpt-4o", stated={"a": []})
    assert (nobody.how, nobody.model) == ("none", None)


def test_candidates_that_are_one_model_are_told_and_the_exact_one_stands_for_it() -> None:
    found = matches([llm("GPT 4o"), llm("gpt-4o", "gpt-4o")], [board("gpt-4o")])
    assert settled(found, "board") == {"gpt-4o": "gpt-4o"}
    assert any("stands for it" in note for note in match_notes(found))


def test_a_baseline_is_in_no_table() -> None:
    assert matches([Candidate(name="gpt-4o", provider="baseline", kind="baseline")], [board("gpt-4o")]) == ()


def test_names_are_normalised_the_same_twice() -> None:
    for name in ("Meta-Llama-3_1-8B", "a/b/c d", "", "gpt-4o-2024-08-06"):
        assert normalised(normalised(name)) == normalised(name)
        assert near(near(name)) == near(name)
