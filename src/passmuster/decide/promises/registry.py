"""All promises, in the order in which people meet them."""

from passmuster.decide.promises import beside, choosing, corpora, intervals, judged, stopping, winners
from passmuster.decide.promises.promise import Promise

PROMISES: tuple[Promise, ...] = (
    *choosing.PROMISES,
    *stopping.PROMISES,
    *intervals.PROMISES,
    *beside.PROMISES,
    *judged.PROMISES,
    *corpora.PROMISES,
    *winners.PROMISES,
)
"""Every promise with a name of its own."""
