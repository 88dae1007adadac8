"""When each trial was asked, under which load, and how many tokens it took: what times are compared by."""

from dataclasses import dataclass

import numpy as np

from passmuster.records.trial import Trial
from passmuster.stats.arrays import FloatArray

_NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loads:
    """One cell per case (rows) and repeat; NaN is unknown.

    `started` is seconds since the epoch, `in_flight` how many calls the candidate had open when the first call of the trial
    began, itself included; `input` and `output` are the tokens of its last call. `estimated` is 1 where nobody
    reported these.
    """

    started: FloatArray
    in_flight: FloatArray
    input: FloatArray
    output: FloatArray
    estimated: FloatArray


class LoadSheet:
    """The loads of a candidate's trials in the making."""

    def __init__(self, cells: int) -> None:
        self._columns = np.full((5, cells), _NAN)

    def enter(self, cell: int, trial: Trial) -> None:
        """Enter a trial: its own calls, not those inside a pipeline."""
        calls = trial.calls
        if not calls:
            return
        first, usage = calls[0], calls[-1].usage
        self._columns[0, cell] = first.started
        self._columns[1, cell] = _NAN if first.in_flight is None else first.in_flight
        if usage is not None:
            self._columns[2, cell] = _NAN if usage.input is None else usage.input
            self._columns[3, cell] = _NAN if usage.output is None else usage.output
            self._columns[4, cell] = usage.estimated

    def loads(self, shape: tuple[int, int]) -> Loads:
        """Return what was entered."""
        started, in_flight, read, written, estimated = (column.reshape(shape) for column in self._columns)
        return Loads(started=started, in_flight=in_flight, input=read, output=written, estimated=estimated)
