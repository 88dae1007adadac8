"""Which call goes wrong, and how: drawn from names, so that the order of requests does not matter."""

from collections import defaultdict
from itertools import accumulate
from typing import NamedTuple

from passmuster.adapters.simulator.chance import chance
from passmuster.adapters.simulator.profiles import FAULTS, Fault, Faults

STATUS: dict[Fault, int] = {
    "rate_limit": 429,
    "rate_limit_bare": 429,
    "server_error": 500,
    "unavailable": 503,
    "overloaded": 529,
}
"""The faults that are answered with an error, and its HTTP status."""


class Trying(NamedTuple):
    """An attempt: of which prompt, `number` from 1, and `again`, how often this very attempt was made before.

    An attempt is made again when the client was killed, or asks failures once more.
    """

    model: str
    digest: str
    repeat: str
    number: int
    again: int = 0

    @property
    def key(self) -> tuple[object, ...]:
        """What draws of this attempt depend on."""
        key = (self.model, self.digest, self.repeat, self.number)
        return (*key, self.again) if self.again else key


class Attempts:
    """Numbers the attempts: as the client counts them, else in the order in which they come.

    Example:
        >>> attempts = Attempts()
        >>> attempts.next("m", "d", "0", None).number, attempts.next("m", "d", "0", None).number
        (1, 2)
        >>> attempts.next("m", "d", "1", 2), attempts.next("m", "d", "1", 2).again
        (Trying(model='m', digest='d', repeat='1', number=2, again=0), 1)
    """

    def __init__(self) -> None:
        self._counts: defaultdict[tuple[str, str, str, int], int] = defaultdict(int)

    def next(self, model: str, digest: str, repeat: str, stated: int | None) -> Trying:
        """Return the attempt that this request is; `stated` is the number that the client gave, None none."""
        key = (model, digest, repeat, stated or 0)
        seen = self._counts[key]
        self._counts[key] = seen + 1
        if stated is None:
            return Trying(model, digest, repeat, seen + 1)
        return Trying(model, digest, repeat, stated, seen)


class Fates:
    """Draws the fault of each attempt of one model.

    Example:
        >>> Fates(Faults(reset=1.0), seed=7).of(Trying("m", "d", "0", 1))
        'reset'
    """

    def __init__(self, faults: Faults, seed: int) -> None:
        shares = [getattr(faults, kind) for kind in FAULTS]
        self._edges = [
            (edge, kind)
            for edge, kind, share in zip(accumulate(shares), FAULTS, shares, strict=True)
            if share
        ]
        self._seed = seed

    def of(self, trying: Trying) -> Fault | None:
        """Return what happens to this attempt, None where all goes well."""
        if not self._edges:
            return None
        drawn = chance(self._seed, *trying.key, "fault")
        return next((kind for edge, kind in self._edges if drawn < edge), None)
