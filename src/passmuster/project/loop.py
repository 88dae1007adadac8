"""The event loop that runs and checks are made in."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")

if sys.platform == "win32":
    NEW_LOOP: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
else:
    import uvloop

    # A call costs about a third less of the processor's time in it; Windows has no such loop.
    NEW_LOOP = uvloop.new_event_loop


def until_done(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end and return its result; Ctrl-C cancels it.

    Example:
        >>> until_done(asyncio.sleep(0, "done"))
        'done'
    """
    with asyncio.Runner(loop_factory=NEW_LOOP) as runner:
        return runner.run(work)
