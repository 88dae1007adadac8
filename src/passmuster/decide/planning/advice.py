"""What to do before money is spent, in sentences."""

from passmuster.decide.phrases import counted, listed, points
from passmuster.records.plan import Chance, Plan

GAIN = 0.03
"""How much more of a chance makes it worth to name finalists."""


def advice(plan: Plan) -> tuple[str, ...]:
    """Return what would make the run worth more, the most telling first."""
    return (*_finalists(plan), *_impossible(plan), *_corpus(plan))


def chance_line(plan: Plan) -> str | None:
    """Return the chance of a decision in one line, with what naming finalists gives; None where nothing can be said.

    Where nothing is known of the candidates it says how far above its bar the best one must be.
    """
    cases = counted(plan.cases, "case")
    if plan.chance is not None:
        line = f"Chance of a decision with these {cases}: {percent(plan.chance)}"
        others = plan.with_finalists
        if others is not None and others.total - plan.chance.total >= GAIN:
            line += f"; {percent(others)} with {len(others.finalists)} finalists named beforehand"
        return line
    if not plan.headroom:
        return None
    told = ", ".join(
        f"{each.all_candidates:.0%} if the best is {points(each.above).lstrip('+').removesuffix('.0')} points above"
        for each in plan.headroom
    )
    last = plan.headroom[-1]
    more = (
        f" ({last.three_finalists:.0%} among 3 finalists)"
        if last.three_finalists - last.all_candidates >= GAIN
        else ""
    )
    return f"Chance of a decision with these {cases}, by the bar on {plan.headroom_bar}: {told}{more}"


def percent(chance: Chance) -> str:
    """Write a chance with the error of its simulation.

    Example:
        >>> percent(Chance(cases=200, family=2, finalists=(), decided=0.43, none=0.0, total=0.43, error=0.022, chosen=(), passing=(), repetitions=2000))
        '43% (+-2)'
    """
    return f"{chance.total:.0%} (+-{max(1, round(chance.error * 100))})"


def _finalists(plan: Plan) -> list[str]:
    chance, others = plan.chance, plan.with_finalists
    if chance is None or others is None or others.total - chance.total < GAIN:
        return []
    text = (
        f"Name finalists before the replies are scored: with {listed(others.finalists)} the chance of a decision is"
        f" {others.total:.0%} instead of {chance.total:.0%}."
    )
    piloted = any(each.known == "pilot" for each in plan.candidates if each.name in others.finalists)
    if piloted:
        text += " Choose them by what you know from elsewhere: by replies to these same cases would void the error rate."
    return [text]


def _impossible(plan: Plan) -> list[str]:
    return [
        f"{bar.bar} cannot be shown with {counted(bar.cases, 'case')}: a candidate without any fault takes"
        f" {bar.least_cases:,}."
        for bar in plan.bars
        if bar.among_all is None and bar.least_cases is not None
    ]


def _corpus(plan: Plan) -> list[str]:
    if plan.chance is None:
        text = (
            "Say what you expect of the candidates (`expected:` in the project file) or ask a few cases first"
            " (passmuster run --limit 50): then this tells the chance of a decision."
        )
        return [text] if plan.bars else []
    if not plan.unknown:
        return []
    text = (
        f"Nothing is known of {listed(plan.unknown)}: they count in the correction and are taken not to pass, so the"
        " true chance is higher."
    )
    return [text]
