"""Which inner calls belong to which trial, and what could not be told apart."""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from passmuster.adapters.providers.pipeline.link import correlation_headers
from passmuster.records.candidate import Price
from passmuster.records.money import token_cost
from passmuster.records.record import Record
from passmuster.records.trial import Attempt, Request

REMEMBERED = 10_000
"""Trials that have ended and are still known, so that what comes late is told from what is nobody's."""
EXAMPLES = 3
PriceOf = Callable[[str], Price | None]
"""The price of a model by its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unattributed(Record):
    """What reached a recorder and is part of no trial: counted, so that nothing is lost in silence.

    `calls` were made, but for which trial is unknown; they cost `cost` US dollars, and of `unpriced` of them
    the cost is unknown. `late` belong to trials that had ended, `refused` were not let through: unknown
    addresses, or more calls than a trial may make. `examples` say what some of them were.
    """

    calls: int = 0
    cost: float = 0.0
    unpriced: int = 0
    late: int = 0
    refused: int = 0
    examples: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Return whether there was any."""
        return bool(self.calls or self.late or self.refused)


@dataclass(slots=True, eq=False)
class Account:
    """The account of a trial that is open: its names, and the inner calls noted so far.

    `told` are headers by which a simulator on this machine knows the trial.
    """

    token: str
    trace: str
    span: str
    told: Mapping[str, str] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    begun: int = 0
    open: set["asyncio.Task[object]"] = field(default_factory=set)
    ended: bool = False
    root_seen: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def traceparent(self) -> str:
        """The parent of the pipeline's spans, in the form of W3C Trace Context."""
        return f"00-{self.trace}-{self.span}-01"


class Ledger:
    """Opens and closes the accounts of trials, and finds the one that a call belongs to.

    Args:
        price_of: The price of a model, for calls that do not say what they cost.
        most_calls: How many inner calls a trial may make.
        tokens: Makes names that nobody can guess, of this many random bytes in hexadecimal digits.
    """

    def __init__(
        self,
        price_of: PriceOf | None = None,
        *,
        most_calls: int = 1_000,
        tokens: Callable[[int], str] = secrets.token_hex,
    ) -> None:
        self._price_of = price_of
        self._most_calls = most_calls
        self._tokens = tokens
        self._by_token: dict[str, Account] = {}
        self._by_trace: dict[str, Account] = {}
        self._past: OrderedDict[str, None] = OrderedDict()
        self.shared = tokens(24)
        self.unattributed = Unattributed()

    def begin(self, request: Request) -> Account:
        """Open the account of a trial."""
        told = correlation_headers(request)
        account = Account(self._tokens(24), self._tokens(16), self._tokens(8), told)
        self._by_token[account.token] = account
        self._by_trace[account.trace] = account
        return account

    def end(self, account: Account, *, lost: bool = False) -> tuple[Attempt, ...]:
        """Close it and return its inner calls, in the order in which they began.

        Those of a lost trial, which is stored nowhere, are counted as nobody's: they may have cost something.
        """
        account.ended = True
        for attempt in account.attempts if lost else ():
            self._note_stray(attempt, f"a call of {attempt.model or 'a model'} in a trial that was cancelled")
        self._by_token.pop(account.token, None)
        self._by_trace.pop(account.trace, None)
        for name in (account.token, account.trace):
            self._past[name] = None
        while len(self._past) > 2 * REMEMBERED:
            self._past.popitem(last=False)
        return tuple(sorted(account.attempts, key=lambda attempt: attempt.started))

    def by_token(self, token: str) -> Account | None:
        """Return the open trial of an address."""
        return self._by_token.get(token)

    def by_trace(self, trace: str) -> Account | None:
        """Return the open trial of a trace."""
        return self._by_trace.get(trace)

    def only(self) -> Account | None:
        """Return the trial that is open, where it is the only one."""
        return next(iter(self._by_token.values())) if len(self._by_token) == 1 else None

    def is_past(self, name: str) -> bool:
        """Return whether a trial of this token or trace has ended."""
        return name in self._past

    def admit(self, account: Account) -> bool:
        """Return whether a trial may make another call, and count it."""
        account.begun += 1
        return account.begun <= self._most_calls

    def note(self, account: Account | None, attempt: Attempt, asked: str | None = None) -> None:
        """Note a call under its trial, or among what belongs to none; `asked` is the model that was asked for.

        What a card says it cost goes before what the call says itself.
        """
        cost = None if self._price_of is None else self._cost(attempt, self._price_of, asked)
        if cost is not None:
            attempt = replace(attempt, cost=cost)
        if account is not None and not account.ended:
            account.attempts.append(attempt)
            return
        self._note_stray(
            attempt, f"a call of {attempt.model or asked or 'an unknown model'} outside any trial"
        )

    def _note_stray(self, attempt: Attempt, example: str) -> None:
        known = self.unattributed
        self.unattributed = replace(
            known,
            calls=known.calls + 1,
            cost=known.cost + (attempt.cost or 0.0),
            unpriced=known.unpriced + (attempt.cost is None),
            examples=self._examples(example),
        )

    def note_late(self, what: str) -> None:
        """Count something that came after its trial had ended."""
        known = self.unattributed
        self.unattributed = replace(known, late=known.late + 1, examples=self._examples(what))

    def note_refused(self, what: str) -> None:
        """Count something that was not let through."""
        known = self.unattributed
        self.unattributed = replace(known, refused=known.refused + 1, examples=self._examples(what))

    def _examples(self, what: str) -> tuple[str, ...]:
        known = self.unattributed.examples
        return known if what in known or len(known) >= EXAMPLES else (*known, what[:200])

    @staticmethod
    def _cost(attempt: Attempt, price_of: PriceOf, asked: str | None) -> float | None:
        if attempt.usage is None:
            return None
        # An endpoint may name a dated version that no card knows: then the name that was asked for counts.
        for name in dict.fromkeys((attempt.model, asked)):
            price = price_of(name) if name else None
            if price is not None:
                return token_cost(attempt.usage, price)
        return None
