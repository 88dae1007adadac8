"""`rate ranking` on a project: people's choices, a judge's, a model's that were imported, and what is missing."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from passmuster.errors import NotAvailableError, UsageError
from passmuster.project.load import Project
from passmuster.project.rating.ranking import RankWish, ranking, write_page
from passmuster.project.rating.replies import stored_replies
from passmuster.records.case import case_digest
from passmuster.records.rating import Choice, Chosen, reply_digest

Make = Callable[..., Project]


def choose(
    project: Project, chosen: Callable[[int], Chosen | None], *, metric: str = "better", rater: str = "ana"
) -> list[Choice]:
    """Return a choice on every case between the replies of `zebra` and `yak`, shown first by turns."""
    replies = {(each.candidate, each.case.id): each for each in stored_replies(project)}
    made = []
    for number, case in enumerate(project.corpus().cases):
        one, other = replies["zebra", case.id], replies["yak", case.id]
        if number % 2:
            one, other = other, one
        made.append(
            Choice(
                case=case.id,
                input=case_digest(case),
                first=reply_digest(one.reply),
                second=reply_digest(other.reply),
                first_by=one.candidate,
                second_by=other.candidate,
                metric=metric,
                chosen=chosen(number),
                rater=rater,
                kind="human",
                time=1_760_000_000.0,
            )
        )
    return made


def zebra_mostly(number: int) -> Chosen:
    """Choose `zebra` in eight of ten cases."""
    wanted = number % 10 not in {3, 6}
    return "first" if wanted == (number % 2 == 0) else "second"


def test_choices_of_people_are_ranked(make: Make) -> None:
    project = make()
    project.ratings.choices.append(choose(project, zebra_mostly))
    found = ranking(project)
    assert [row.candidate for row in found.candidates] == ["zebra", "yak"]
    assert (found.metric, found.source, found.judge, found.choices) == ("better", "people", None, 60)
    assert found.candidates[0].points.value == pytest.approx(0.8)
    assert found.date == "2025-10-09"
    assert found.generated is not None


def test_style_comes_from_the_stored_replies(make: Make) -> None:
    project = make()
    project.ratings.choices.append(choose(project, zebra_mostly))
    assert ranking(project, RankWish(style=True)).styled == 60
    assert ranking(project).styled is None


def test_a_judge_of_pairs_is_ranked_with_its_version_and_its_lean(make: Make) -> None:
    project = make()
    found = ranking(project, RankWish(judge="better"))
    assert (found.source, found.raters) == ("better", ("better",))
    assert found.judge is not None
    assert {(row.candidate, row.points.value) for row in found.candidates} == {("zebra", 0.5), ("yak", 0.5)}
    assert found.choices == 120  # each case in both orders


def test_a_judge_that_has_judged_nothing_yet_names_what_to_do(make: Make) -> None:
    with pytest.raises(NotAvailableError, match="passmuster score"):
        ranking(make(judged=False), RankWish(judge="better"))


def test_a_judge_of_single_replies_prefers_nothing(make: Make) -> None:
    with pytest.raises(UsageError, match="one reply at a time"):
        ranking(make(), RankWish(judge="fine"))


def test_choices_of_a_model_that_were_imported_are_ranked_by_its_name_only(make: Make) -> None:
    project = make()
    machine = [replace(each, kind="machine", rater="gpt-4") for each in choose(project, zebra_mostly)]
    project.ratings.choices.append(machine)
    with pytest.raises(NotAvailableError, match="nobody has said"):
        ranking(project)
    found = ranking(project, RankWish(judge="gpt-4"))
    assert (found.source, found.choices) == ("gpt-4", 60)
    with pytest.raises(UsageError, match="no judge of pairs") as caught:
        ranking(project, RankWish(judge="gpt-3"))
    assert "gpt-4" in str(caught.value)


def test_without_choices_the_next_command_is_named(make: Make) -> None:
    with pytest.raises(NotAvailableError, match="passmuster rate draw --pairs") as caught:
        ranking(make())
    assert caught.value.exit_code == 3


def test_several_questions_have_to_be_told_apart(make: Make) -> None:
    project = make()
    project.ratings.choices.append(choose(project, zebra_mostly))
    project.ratings.choices.append(choose(project, lambda _: "tie", metric="kinder"))
    with pytest.raises(UsageError, match="better, kinder"):
        ranking(project)
    assert ranking(project, RankWish(metric="kinder")).candidates[0].ties == 60
    with pytest.raises(UsageError, match="no choices on 'bettr'") as caught:
        ranking(project, RankWish(metric="bettr"))
    assert "better" in str(caught.value)


def test_only_some_candidates_are_ranked(make: Make) -> None:
    project = make()
    choices = choose(project, zebra_mostly)
    third = [replace(each, second_by="gnu", second="g") for each in choices]
    project.ratings.choices.append([*choices, *third])
    assert len(ranking(project).candidates) == 3
    found = ranking(project, RankWish(only=("zebra", "yak")))
    assert {row.candidate for row in found.candidates} == {"zebra", "yak"}


def test_candidates_that_nobody_compared_are_named(make: Make) -> None:
    project = make()
    choices = choose(project, zebra_mostly)
    project.ratings.choices.append(choices)
    with pytest.raises(UsageError, match="'zebr' was compared with nobody") as caught:
        ranking(project, RankWish(only=("zebr", "yak")))
    assert "zebra" in str(caught.value)
    with pytest.raises(NotAvailableError, match="among zebra"):
        ranking(project, RankWish(only=("zebra",)))


def test_a_judge_has_one_question_only(make: Make) -> None:
    with pytest.raises(UsageError, match="its own question, not 'kinder'"):
        ranking(make(), RankWish(judge="better", metric="kinder"))


def test_a_case_that_is_not_here_any_more_is_left_out(make: Make) -> None:
    project = make()
    choices = choose(project, zebra_mostly)
    project.ratings.choices.append([replace(choices[0], case="gone"), *choices[1:]])
    assert ranking(project).left_out == {"the case is not here": 1}


def test_a_case_that_has_changed_since_is_left_out(make: Make) -> None:
    project = make()
    choices = choose(project, zebra_mostly)
    project.ratings.choices.append([replace(choices[0], input="of another text"), *choices[1:]])
    found = ranking(project)
    assert found.choices == 59
    assert found.left_out == {"the case has changed since": 1}


def test_choices_that_nobody_could_make_are_an_empty_ranking_and_no_error(make: Make) -> None:
    project = make()
    project.ratings.choices.append(choose(project, lambda _: None))
    assert ranking(project).candidates == ()


def test_the_page_is_written_whole(make: Make, tmp_path: Path) -> None:
    project = make()
    project.ratings.choices.append(choose(project, zebra_mostly))
    write_page(ranking(project), tmp_path / "ranking.html")
    assert (tmp_path / "ranking.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
