"""What would change the decision: the price, the reviews, the loss of a wrong answer or the volume at which it turns.

Each cost is linear in each of these, so the point where two candidates cost the same is solved, not searched for.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from passmuster.decide.choosing.bills import Bill
from passmuster.decide.phrases import dollars
from passmuster.records.break_even import BreakEven, BreakEvenReport
from passmuster.records.choice import TurningPoint

NEAR = 10.0
"""A price must not be raised to more than so many times today's: beyond, nobody asks."""

_STEPS = 200


def price_at(own: Bill, target: float) -> float | None:
    """Return the factor of its token prices at which a success of `own` costs `target`; None where no price does.

    Example:
        >>> dear = Bill(name="b", tokens=0.03, review=0.0, silent=0.0, rest=0.0, right=0.9)
        >>> round(price_at(dear, 0.02), 9)
        0.6
    """
    if own.tokens <= 0:
        return None
    factor = (target * own.right - (own.per_task - own.tokens)) / own.tokens
    return factor if factor > 0 else None


def reviews_at(own: Bill, target: float) -> float | None:
    """Return the share of its replies that people would review for a success to cost `target`; None outside 0 to 1."""
    if own.review <= 0 or own.reviewed <= 0:
        return None
    one = own.review / own.reviewed
    share = (target * own.right - (own.per_task - own.review)) / one
    return share if 0 <= share <= 1 else None


def loss_at(chosen: Bill, other: Bill) -> float | None:
    """Return the US dollars that a wrong answer must cost for `other` to be cheaper per task, its losses counted.

    per task + loss x (1 - right) is the same for both there. Losses that are stated already are left out of both
    sides. None where `other` is not right more often, or is cheaper anyway.

    Example:
        >>> cheap = Bill(name="a", tokens=0.01, review=0.0, silent=0.0, rest=0.0, right=0.75)
        >>> dear = Bill(name="b", tokens=0.03, review=0.0, silent=0.0, rest=0.0, right=0.90)
        >>> round(loss_at(cheap, dear), 4)
        0.1333
    """
    gap = (other.per_task - other.silent) - (chosen.per_task - chosen.silent)
    better = other.right - chosen.right
    return gap / better if better > 0 and gap > 0 else None


def price_points(chosen: Bill, passing: Sequence[Bill]) -> Iterable[TurningPoint]:
    """Yield at which price each other that passes would be chosen, and at which it is cheaper than the chosen one."""
    others = [each for each in passing if each.name != chosen.name]
    for other in others:
        factor = price_at(other, chosen.per_success)
        if factor is not None and factor < 1:
            yield _price(other.name, factor, other.name, f"If {_what(other)} cost {1 - factor:.0%} less")
    second = min(others, key=_cheapest, default=None)
    if second is None:
        return
    factor = price_at(chosen, second.per_success)
    if factor is not None and 1 < factor <= NEAR:
        yield _price(chosen.name, factor, second.name, f"If {_what(chosen)} cost {factor - 1:.0%} more")


def outpriced(
    chosen: Bill, passing: Sequence[Bill], dearer: TurningPoint | None, meets: Callable[[float], bool]
) -> TurningPoint | None:
    """Return the price at which the chosen one meets its bars on costs no more; None where another is cheaper before.

    Args:
        chosen: The chosen one.
        passing: Those that pass without it.
        dearer: The price at which another is cheaper.
        meets: Whether it meets every bar with its token prices times a factor.
    """
    second = min((each for each in passing if each.name != chosen.name), key=_cheapest, default=None)
    most = NEAR if dearer is None else dearer.at
    if second is None or meets(most):
        return None
    factor = turning(meets, 1.0, most)
    told = (
        f"If {_what(chosen)} cost {factor - 1:.0%} more, its bars on costs would not be shown to be met, and"
    )
    return _price(chosen.name, factor, second.name, told)


def _what(bill: Bill) -> str:
    """Say what would have to cost less: the candidate, or its tokens where these are not all that it costs."""
    return bill.name if bill.tokens == bill.per_task else f"the tokens of {bill.name}"


def _price(of: str, factor: float, chosen: str, told: str) -> TurningPoint:
    who = "it" if of == chosen else chosen
    stop = "" if told.endswith(" and") else ","
    return TurningPoint(
        what="price",
        of=of,
        now=1.0,
        at=factor,
        chosen=chosen,
        sentence=f"{told}{stop} {who} would be chosen.",
    )


def _cheapest(bill: Bill) -> tuple[float, str]:
    return bill.per_success, bill.name


def priced_out(chosen: Bill, other: Bill, meets: Callable[[float], bool]) -> TurningPoint | None:
    """Return the price at which one would be chosen that misses nothing but bars on costs.

    Its tests are made anew with other prices; the factor is found by halving, to less than 1e-12.

    Args:
        chosen: The chosen one.
        other: The one that does not pass.
        meets: Whether it meets every bar with its token prices times a factor; less is never worse.
    """
    most = price_at(other, chosen.per_success)
    if most is None or not meets(0.0):
        return None
    factor = turning(meets, 0.0, min(most, 1.0))
    return _price(other.name, factor, other.name, f"If {_what(other)} cost {1 - factor:.0%} less")


def turning(holds: Callable[[float], bool], yes: float, no: float) -> float:
    """Return the last value from `yes` towards `no` at which a condition holds that holds at `yes`.

    Example:
        >>> round(turning(lambda value: value**2 <= 2, 0.0, 2.0), 9)
        1.414213562
    """
    if holds(no):
        return no
    for _ in range(_STEPS):
        middle = (yes + no) / 2
        if middle in (yes, no):
            break
        if holds(middle):
            yes = middle
        else:
            no = middle
    return yes


def review_points(chosen: Bill, passing: Sequence[Bill]) -> Iterable[TurningPoint]:
    """Yield at which share of reviews the chosen one would not be chosen, and at which each other would."""
    others = [each for each in passing if each.name != chosen.name]
    for other in others:
        share = reviews_at(other, chosen.per_success)
        if share is not None and share < other.reviewed:
            yield _review(other, share, other.name)
    second = min(others, key=_cheapest, default=None)
    share = None if second is None else reviews_at(chosen, second.per_success)
    if second is not None and share is not None and share > chosen.reviewed:
        yield _review(chosen, share, second.name)


def _review(of: Bill, share: float, chosen: str) -> TurningPoint:
    who = "it" if of.name == chosen else chosen
    only = "only " if of.name == chosen else ""
    return TurningPoint(
        what="review",
        of=of.name,
        now=of.reviewed,
        at=share,
        chosen=chosen,
        sentence=(
            f"If people had to look at {only}{share:.1%} of the replies of {of.name} instead of {of.reviewed:.1%},"
            f" {who} would be chosen."
        ),
    )


def loss_points(chosen: Bill, passing: Sequence[Bill], now: float | None) -> Iterable[TurningPoint]:
    """Yield the least loss of a wrong answer from which another that passes is worth its price.

    Args:
        chosen: The chosen one.
        passing: All that pass.
        now: US dollars of a wrong answer that nobody notices, as the project says.
    """
    found = [(loss, each.name) for each in passing if (loss := loss_at(chosen, each)) is not None]
    if not found:
        return
    loss, name = min(found)
    yield TurningPoint(
        what="loss",
        of=None,
        now=now,
        at=loss,
        chosen=name,
        sentence=(
            f"Counting what wrong answers cost, {name} is the cheaper one per task only where a wrong answer costs more than"
            f" {dollars(loss)}."
        ),
    )


def volume_points(
    chosen: str, passing: Sequence[str], found: BreakEvenReport | None, month: Mapping[str, float]
) -> Iterable[TurningPoint]:
    """Yield the volumes at which another that passes costs less a month, machines and upkeep counted.

    What is chosen has the lowest cost of a success, in which upkeep and machines that stand idle have no part: where
    another one costs less a month already, that is said instead.

    Args:
        chosen: The chosen one.
        passing: All that pass.
        found: Costs over volume.
        month: What each costs a month at today's volume.
    """
    if found is None or found.volume is None or chosen not in month:
        return
    now = found.volume
    least = min((name for name in passing if name in month), key=lambda name: (month[name], name))
    points = [
        point
        for point in found.points
        if point.volume and chosen in (point.name, point.than) and {point.name, point.than} <= set(passing)
    ]
    if month[least] < month[chosen]:
        yield from _cheaper_already(chosen, least, points, now)
        return
    turns = [
        (point.volume or 0.0, point.than if point.name == chosen else point.name)
        for point in points
        if ((point.volume or 0.0) <= now) == (point.name == chosen)
    ]
    below = max((each for each in turns if each[0] <= now), default=None)
    above = min((each for each in turns if each[0] > now), default=None)
    for turn, word in ((below, "fewer"), (above, "more")):
        if turn is not None:
            volume, name = turn
            told = f"At {word} than {volume:,.0f} tasks a month {name} costs less, machines and upkeep counted (now {now:,.0f})."
            yield _volume(now, volume, name, told)


def _cheaper_already(
    chosen: str, least: str, points: Sequence[BreakEven], now: float
) -> Iterable[TurningPoint]:
    told = (
        f"At today's {now:,.0f} tasks a month {least} costs less than {chosen}, machines and upkeep counted"
    )
    volume = next((point.volume for point in points if least in (point.name, point.than)), None)
    if volume is None:
        yield _volume(now, now, least, f"{told}.")
        return
    word = "more" if volume > now else "fewer"
    yield _volume(now, volume, least, f"{told}; {chosen} costs less at {word} than {volume:,.0f}.")


def _volume(now: float, at: float, chosen: str, told: str) -> TurningPoint:
    return TurningPoint(what="volume", of=None, now=now, at=at, chosen=chosen, sentence=told)
