"""What a threshold changes for those who ask: wrong answers with the replies escalated, beside all of them going out."""

from shlex import quote

import numpy as np

from passmuster.decide.escalation.answers import Answers
from passmuster.decide.escalation.intervals import share_interval
from passmuster.decide.measured import BoolArray
from passmuster.records.escalation import EscalationPolicy


def effect_of(own: Answers, other: Answers | None, accepted: BoolArray, policy: EscalationPolicy) -> str:
    """Return in a sentence how many fewer of 1,000 tasks get a wrong answer than without escalating.

    Args:
        own: The candidate's answers.
        other: Those of the candidate that gets the other replies; None for a person, who answers none wrong.
        accepted: The tasks whose reply goes out.
        policy: Who gets the others.
    """
    theirs = np.zeros(own.wrong.size) if other is None else other.wrong
    tasks = own.labelled & (accepted | ~np.isnan(theirs))
    escalated = tasks & ~accepted
    fewer = np.where(escalated, own.wrong - theirs, 0.0)[tasks]
    weights, groups = own.weights_of(tasks), own.groups_of(tasks)
    low, high = (2 * end - 1 for end in share_interval((fewer + 1) / 2, weights, groups))
    ends = f"95%: {1000 * low:,.0f} to {1000 * high:,.0f}"
    mean = 1000 * float(np.average(fewer, weights=weights))
    if policy.to is None:
        return f"of 1,000 tasks {mean:,.0f} fewer get a wrong answer than without a person ({ends})"
    if high < 0:
        return (
            f"escalating to {policy.to} does harm: of 1,000 tasks {-mean:,.0f} more get a wrong answer than where "
            f"every reply goes out ({-1000 * high:,.0f} to {-1000 * low:,.0f})"
        )
    shown = "" if low > 0 else ", so it is not shown to help"
    less = f"{abs(mean):,.0f} {'fewer' if mean >= 0 else 'more'}"
    return (
        f"of 1,000 tasks {less} get a wrong answer than where every reply goes out "
        f"({'' if mean >= 0 else 'fewer: '}{ends}{shown})"
    )


def nobody_asked(other: Answers | None, policy: EscalationPolicy) -> str | None:
    """Return that the candidate which gets the other replies has none itself; None where it has."""
    if policy.to is None or (other is not None and other.replied.any()):
        return None
    return (
        f"no reply of {policy.to} is stored on these cases, so neither what it costs nor what it gets wrong is known: "
        f"passmuster run --only {quote(policy.to)}"
    )
