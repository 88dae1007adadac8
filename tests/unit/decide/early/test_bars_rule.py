from dataclasses import replace

from passmuster.decide.early.bars_rule import BarsRule
from passmuster.decide.early.views import BarView, Expense, View
from passmuster.records.stopped import Until

UNTIL = Until(aim="bars", seed=0, block=20, family=("cheap", "dear"), level=0.025)
RULE = BarsRule(until=UNTIL)


def view(name: str, good: int, known: int, price: float, *, total: int = 300) -> View:
    counts = (float(known), float(good), float(good))
    bar = BarView(text="accuracy >= 0.70", p=0.5, counts=counts, share=0.7)
    expense = Expense(rank=0, value=price, low=0.9 * price, high=1.1 * price, expected=price)
    return View(name=name, cases=known, total=total, bars=(bar,) if known else (), expense=expense)


def reasons(*views: View, rule: BarsRule = RULE) -> dict[str, str]:
    return {stop.candidate: stop.reason for stop in rule.stops(views)}


def test_where_a_cheaper_one_has_passed_a_clearly_dearer_one_is_not_needed() -> None:
    cheap, dear = view("cheap", 240, 250, 1.0), view("dear", 0, 0, 3.0)
    assert reasons(cheap, dear) == {"cheap": "passed", "dear": "not_needed"}
    assert RULE.stops([cheap, dear])[1].by == "cheap"


def test_one_that_may_be_as_cheap_is_asked_on() -> None:
    assert reasons(view("cheap", 240, 250, 1.0), view("dear", 85, 100, 1.1)) == {"cheap": "passed"}


def test_a_cheaper_one_is_never_stopped_by_a_dearer_one_that_has_passed() -> None:
    assert reasons(view("cheap", 80, 100, 1.0), view("dear", 240, 250, 3.0)) == {"dear": "passed"}


def test_the_cheapest_is_asked_first_and_whoever_is_clearly_dearer_waits() -> None:
    views = [view("dear", 0, 0, 3.0), view("cheap", 20, 20, 1.0), view("near", 20, 20, 1.15)]
    assert RULE.next_asked(views) == ("cheap", "near")
    assert RULE.next_asked(views[:1]) == ("dear",)


def test_who_was_asked_everything_is_asked_no_more() -> None:
    assert RULE.next_asked([view("cheap", 200, 300, 1.0)]) == ()
    assert reasons(view("cheap", 200, 300, 1.0)) == {}


def test_those_that_others_are_held_against_are_never_stopped_and_never_first() -> None:
    rule = BarsRule(until=UNTIL, beside=frozenset({"cheap"}))
    views = [view("cheap", 10, 100, 1.0), view("dear", 80, 100, 3.0)]
    assert reasons(*views, rule=rule) == {}
    assert rule.next_asked(views) == ("dear",)


def test_the_cheapest_of_those_that_passed_is_chosen() -> None:
    passed = [view("dear", 240, 250, 3.0), view("cheap", 240, 250, 1.0)]
    assert RULE.chosen(passed) == ("cheap",)
    assert RULE.chosen([view("cheap", 80, 100, 1.0)]) == ()


def test_scores_that_could_not_be_computed_pass_nobody_early_and_stop_nobody() -> None:
    """226 of 300 right pass. Of 250 asked 220 are right and 10 unknown: passed if these are right, open if not."""

    def with_unknown(good: int, unknown: int) -> View:
        seen = view("cheap", good, 250, 1.0)
        counts = (250.0, float(good), float(good + unknown))
        return replace(seen, bars=(replace(seen.bars[0], counts=counts),))

    assert RULE.chosen([with_unknown(226, 10)]) == ("cheap",)
    assert RULE.chosen([with_unknown(220, 10)]) == ()
    assert reasons(with_unknown(165, 0)) == {"cheap": "hopeless"}
    assert reasons(with_unknown(165, 50)) == {}
