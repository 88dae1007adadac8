import json
from dataclasses import replace

from tests.unit.workflows.frozen import OLD, question, reference_of, right, trials_of

from passmuster.records.trial import Reply
from passmuster.workflows.reference_text import reference_text


def test_a_trial_is_a_line_and_the_order_in_which_they_came_does_not_matter() -> None:
    trials = trials_of(OLD)
    text = reference_text(reference_of(trials))

    assert text == reference_text(reference_of(trials[::-1]))
    assert sum(line.startswith('    {"case":') for line in text.splitlines()) == 40


def test_one_other_answer_changes_one_trial_and_the_figures() -> None:
    def mostly(case: object, _round: int) -> str:
        return "b" if getattr(case, "id", "") == "00" else right(case, _round)  # type: ignore[arg-type]  # a case

    one, other = (reference_text(reference_of(trials_of(OLD, answer))) for answer in (right, mostly))
    begin = [text.splitlines().index('  "trials": [') for text in (one, other)]
    changed = [
        mine
        for mine, its in zip(one.splitlines()[begin[0] :], other.splitlines()[begin[1] :], strict=True)
        if mine != its
    ]
    assert len(changed) == 1
    assert '"id":"00"' in changed[0]


def test_no_reply_and_no_message_of_an_error_stands_in_the_file_unless_it_is_asked_for() -> None:
    trials = trials_of(OLD, lambda case, _round: None if case.id == "01" else "words of nobody's business")

    text = reference_text(reference_of(trials))
    whole = reference_text(reference_of(trials, replies=True))
    assert "business" not in text
    assert "secret words" not in text
    assert "business" in whole


def test_a_reply_with_half_a_surrogate_pair_has_a_digest_all_the_same() -> None:
    trials = trials_of(OLD)
    odd = [replace(trials[0], outcome=Reply(text="cut \ud83d")), *trials[1:]]

    assert json.loads(reference_text(reference_of(odd)))["trials"][0]["reply"]


def test_of_a_trial_only_what_is_not_as_usual_is_written() -> None:
    row = json.loads(reference_text(reference_of(trials_of(OLD))))["trials"][0]

    assert row["scores"] == {"accuracy": 1, "by class": 1}
    assert row["answers"] == {"by class": "a"}
    assert {"repeat", "failure", "retried", "attempts", "source", "basis", "estimated", "whole"}.isdisjoint(
        row
    )


def test_text_that_is_no_label_of_the_task_is_not_kept_as_an_answer() -> None:
    made = reference_of(trials_of(OLD, lambda _case, _round: "my name is Kim"), question())

    assert all(not trial.answers for trial in made.trials)
