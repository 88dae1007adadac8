"""All promises, in the order in which people meet them."""

from passmuster.decide.promises import (
    afterwards,
    beside,
    choosing,
    corpora,
    escalating,
    gating,
    intervals,
    judged,
    routing,
    stopping,
    winners,
)
from passmuster.decide.promises.promise import Promise

PROMISES: tuple[Promise, ...] = (
    *choosing.PROMISES,
    *stopping.PROMISES,
    *intervals.PROMISES,
    *beside.PROMISES,
    *gating.PROMISES,
    *judged.PROMISES,
    *corpora.PROMISES,
    *winners.PROMISES,
    *escalating.PROMISES,
    *routing.PROMISES,
    *afterwards.PROMISES,
)
"""Every promise with a name of its own."""
