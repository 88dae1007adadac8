"""Ends calls that take too long, with one timer for all of them."""

import asyncio
import math


class Deadlines:
    """The calls in flight and when each must have ended; it is made, and used, where an event loop runs.

    A timer for every call would cost more than all else that is done to time it, and nearly none ever strikes.
    So there is one, set to whichever call is due first when it was set: calls that began later are due later.

    Example:
        >>> async def late() -> None:
        ...     with Deadlines().within(0.01):
        ...         await asyncio.sleep(10)
        >>> asyncio.run(late())
        Traceback (most recent call last):
        TimeoutError
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._open: set[_Deadline] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._due = math.inf

    def within(self, seconds: float) -> "_Deadline":
        """Return a block for one `with`, which ends with `TimeoutError` once so many seconds are over."""
        task = asyncio.current_task(self._loop)
        assert task is not None  # noqa: S101 - a call is a part of a task: coroutines run in nothing else
        return _Deadline(self, task, self._loop.time() + seconds)

    def enter(self, deadline: "_Deadline") -> None:
        """Watch over a block that is entered."""
        self._open.add(deadline)
        if deadline.when < self._due:
            self._set(deadline.when)

    def leave(self, deadline: "_Deadline") -> None:
        """Let go of a block that has ended."""
        self._open.discard(deadline)

    def _strike(self, when: float) -> None:
        self._timer, self._due = None, math.inf
        for deadline in [each for each in self._open if each.when <= when]:
            self.leave(deadline)
            deadline.strike()
        if self._open:
            self._set(min(each.when for each in self._open))

    def _set(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._due = when
        self._timer = self._loop.call_at(when, self._strike, when)


class _Deadline:
    """One call: it is cancelled when it is due, and a cancellation from elsewhere stays one."""

    __slots__ = ("_all", "_cancelling", "_struck", "_task", "when")

    def __init__(self, deadlines: Deadlines, task: "asyncio.Task[object]", when: float) -> None:
        self.when = when
        self._all = deadlines
        self._task = task
        self._cancelling = task.cancelling()
        self._struck = False

    def __enter__(self) -> None:
        self._all.enter(self)

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, _: object) -> None:
        self._all.leave(self)
        if self._struck and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from problem

    def strike(self) -> None:
        self._struck = True
        self._task.cancel()
