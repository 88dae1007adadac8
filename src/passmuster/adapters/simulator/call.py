"""A request that is being answered."""

from dataclasses import dataclass, field

from passmuster.adapters.simulator.answers import Question
from passmuster.adapters.simulator.asked import Asked
from passmuster.adapters.simulator.profiles import Fault
from passmuster.adapters.simulator.surface import Counted, Surface
from passmuster.adapters.simulator.timing import Timing
from passmuster.adapters.simulator.truth import CLIENT_LEFT, Served

NAME_LENGTH = 200
NO_TIME = Timing(0.0, 0.0)


@dataclass(slots=True, kw_only=True)
class Call:
    """The account of a request that is still open; moments are the loop's time.

    `number` counts all requests, `place` those of the model.
    """

    number: int
    place: int = 0
    surface: Surface
    received: float
    repeat: str | None = None
    trial: str | None = None
    attempt: int | None = None
    again: int = 0
    asked: Asked | None = None
    digest: str = ""
    turn: int | None = None
    counted: bool = False
    times: Timing = NO_TIME
    used: Counted | None = None
    fault: Fault | None = None
    drip: float = 0.0
    limited: bool = False
    retry_after: float | None = None
    reported: str | None = None
    status: int | None = None
    first_byte: float | None = None
    last_byte: float | None = None
    late: float = 0.0
    complete: bool = False
    left: bool = False
    offline: bool = False
    pieces: list[float] = field(default_factory=list)

    @property
    def request(self) -> Asked:
        """What is asked; it must have been read.

        Raises:
            RuntimeError: where it was not.
        """
        if self.asked is None:
            raise RuntimeError("the request has not been read")
        return self.asked

    def question(self, seed: int) -> Question:
        """Return what the model is asked."""
        return Question(
            model=self.request.model,
            seed=seed,
            digest=self.digest,
            turn=self.turn or 0,
            conversation=self.request.conversation,
            attempt=self.attempt or 1,
            again=self.again,
        )

    @property
    def key(self) -> tuple[str, str]:
        """The model and the prompt."""
        return ("" if self.asked is None else self.asked.model, self.digest)

    def served(self, server: str, anchor: float, ended: float | None, *, pieces: bool) -> Served:
        """Return the account as a record; `anchor` turns the loop's time into seconds since the epoch."""
        model, digest = self.key
        streamed = self.asked is not None and self.asked.stream
        good = self.status == 200
        return Served(
            model=model,
            digest=digest,
            status=CLIENT_LEFT if self.left else self.status,
            seconds=self.times.seconds,
            first_token=self.times.first_token if streamed and self.turn is not None else None,
            turn=self.turn,
            number=self.number,
            server=server,
            surface=f"batch {self.surface.name}" if self.offline else self.surface.name,
            repeat=self.repeat,
            trial=self.trial,
            attempt=self.attempt,
            streamed=streamed,
            received=anchor + self.received,
            first_byte=None if self.first_byte is None else anchor + self.first_byte,
            last_byte=None if self.last_byte is None else anchor + self.last_byte,
            ended=None if ended is None else anchor + ended,
            late=self.late,
            fault=self.fault,
            limited=self.limited,
            retry_after=self.retry_after,
            reported=self.reported,
            input_tokens=self.used.input if self.used and good else None,
            output_tokens=self.used.output if self.used and good else None,
            complete=self.complete,
            left=self.left,
            pieces=tuple(anchor + moment for moment in self.pieces) if pieces else (),
        )


def stated_name(text: str | None) -> str | None:
    """Return what a client says of itself, kept short; None where it says nothing."""
    return text[:NAME_LENGTH] if text else None


def stated_number(text: str | None) -> int | None:
    """Return a number from 0 that a client says; None where it is none."""
    return int(text[:9]) if text and text.isascii() and text.isdecimal() else None
