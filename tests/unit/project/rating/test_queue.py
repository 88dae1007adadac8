"""What waits: nothing that the rater has seen, nothing twice, and nothing that is no longer as it was drawn."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from passmuster.project.asking import run
from passmuster.project.load import Project, load_project
from passmuster.project.rating.draws import draw_replies, said_of
from passmuster.project.rating.listing import queue_report
from passmuster.project.rating.queue import record, shown_reply, waiting
from passmuster.records.case import ToolCall
from passmuster.records.rating import Choice, Draw, Rating
from passmuster.records.trial import Reply
from passmuster.workflows.rating.waiting import Waiting

Make = Callable[..., Project]


def drawn(project: Project, number: int = 10, metric: str = "fine", *, pairs: bool = False) -> Draw:
    purpose = "pairs" if pairs else "calibration"
    return draw_replies(project, metric, number=number, purpose=purpose, seed=1, pairs=pairs)  # type: ignore[arg-type]


def rated(what: Waiting, rater: str, kind: str = "human", *, draw: bool = True) -> Rating:
    return Rating(
        case=what.case.id,
        reply=what.item.reply,
        metric=what.metric,
        value=1.0,
        rater=rater,
        kind=kind,  # type: ignore[arg-type]
        draw=what.draw if draw else None,
    )


def test_what_a_rater_has_rated_waits_for_others_only(make: Make) -> None:
    project = make()
    drawn(project)
    record(project, [rated(each, "ana") for each in waiting(project, "ana")[:4]])

    assert [len(waiting(project, rater)) for rater in ("ana", "ben", None)] == [6, 10, 6]
    assert [len(waiting(project, rater, each=1)) for rater in ("ana", "ben")] == [6, 6]
    assert [len(waiting(project, rater, each=2)) for rater in ("ana", "ben", None)] == [6, 10, 10]


def test_a_machine_leaves_it_waiting_and_a_person_does_not_however_their_rating_came_in(make: Make) -> None:
    project = make()
    drawn(project)
    first, second, *_ = waiting(project)
    record(project, [rated(first, "gpt", "machine"), rated(second, "ana", draw=False)])

    assert len(waiting(project)) == 9


def test_a_choice_counts_in_either_order(make: Make) -> None:
    project = make()
    drawn(project, 3, pairs=True)
    item = waiting(project)[0].item
    said = Choice(
        case=item.case,
        first=str(item.second),
        second=item.reply,
        metric="fine",
        chosen="tie",
        rater="ana",
        kind="human",
        draw="any",
    )
    record(project, choices=[said])

    assert len(waiting(project)) == 2


def test_it_has_the_case_the_text_and_the_rubric_and_a_name_that_says_nothing_of_whose_it_is(
    make: Make,
) -> None:
    project = make()
    draw = drawn(project)
    found = waiting(project)[0]

    assert found.draw == draw.id
    assert found.case.id == found.item.case
    assert found.texts[0].split()[0] in {"zebra", "gnu", "yak"}
    assert found.rubric.binary
    assert found.item.candidate not in found.name


def test_a_reply_that_two_candidates_gave_to_a_case_is_seen_once(make: Make, tmp_path: Path) -> None:
    make(5)
    same = "".join(f'{{"id": "c{n}", "output": "zebra 1"}}\n' for n in range(5))
    for name in ("zebra", "yak"):
        (tmp_path / f"{name}.jsonl").write_text(same, encoding="utf-8")
    project = load_project(tmp_path, environment={})
    run(project)
    draw = drawn(project, 10, "exact_match")

    assert len(draw.items) == 10
    assert len(waiting(project)) == 5
    assert queue_report(project).draws[0].drawn == 5


def test_what_changed_since_is_gone_and_counted(make: Make, tmp_path: Path) -> None:
    project = make(5)
    drawn(project, 10)
    rows = [json.loads(line) for line in (tmp_path / "cases.jsonl").read_text().splitlines()]
    rows[0]["input"] = "another"
    (tmp_path / "cases.jsonl").write_text(
        "".join(f"{json.dumps(row)}\n" for row in rows[:-1]), encoding="utf-8"
    )
    changed = load_project(tmp_path, environment={})
    report = queue_report(changed)

    # Two replies of the case that changed, and two of the one that left.
    assert (report.waiting, report.gone, len(waiting(changed))) == (6, 4, 6)


def test_a_file_of_draws_for_a_metric_that_left_hides_nothing_else(make: Make) -> None:
    project = make(5)
    draw = drawn(project, 4)
    project.ratings.draws.append(
        [Draw(id="x", metric="left", purpose="pairs", time=0, seed=0, items=draw.items)]
    )

    assert len(waiting(project)) == 4


def test_the_report_counts_what_was_rated(make: Make) -> None:
    project = make()
    drawn(project)
    record(project, [rated(each, "ana") for each in waiting(project)[:3]])
    mine, all_ = queue_report(project, "ana"), queue_report(project)

    assert [(each.drawn, each.rated, each.waiting) for each in (*mine.draws, *all_.draws)] == [(10, 3, 7)] * 2


def test_nothing_drawn_is_an_empty_queue(make: Make) -> None:
    assert waiting(make(2, judged=False)) == ()


def test_what_is_shown_of_a_reply_has_the_tools_that_it_called() -> None:
    call = ToolCall(name="refund", arguments='{"id": 4}')

    assert shown_reply(Reply(text="", tool_calls=(call,))) == 'refund({"id": 4})'
    assert shown_reply(Reply(text="Done.", tool_calls=(call,))) == 'Done.\nrefund({"id": 4})'
    assert shown_reply(Reply(text="")) == ""


def test_a_reply_that_is_not_the_candidates_any_more_is_not_shown(make: Make) -> None:
    project = make(3, judged=False)
    draw = drawn(project, 2, "exact_match")
    others = tuple(replace(item, reply="0" * 32) for item in draw.items)
    project.ratings.draws.append([replace(draw, id="old", items=others)])

    assert [each.draw for each in waiting(project)] == [draw.id] * 2


def test_what_people_said_of_a_pair_is_the_same_from_both_sides(make: Make) -> None:
    project = make(2, judged=False)
    given = {"case": "c1", "metric": "fine", "kind": "human"}
    record(
        project,
        choices=[
            Choice(first="a", second="b", chosen="first", rater="ana", **given),  # type: ignore[arg-type]
            Choice(first="b", second="a", chosen="second", rater="ben", **given),  # type: ignore[arg-type]
        ],
    )

    assert list(said_of(project, "fine").values()) == [1.0]
