"""The simulator beside synchronous code: in a thread with a loop of its own."""

import asyncio
import threading
from types import TracebackType

from passmuster.adapters.simulator.loop import run_exactly
from passmuster.adapters.simulator.server import Simulator


class SimulatorThread:
    """Runs a simulator in the background for as long as the `with` block lasts.

    Example:
        >>> from passmuster.adapters.simulator.answers import Constant
        >>> from passmuster.adapters.simulator.models import SimulatedModel
        >>> with SimulatorThread(Simulator([SimulatedModel(name="m", answers=Constant("yes"))])) as simulator:
        ...     simulator.base_url.startswith("http://127.0.0.1:")
        True
    """

    def __init__(self, simulator: Simulator, port: int = 0) -> None:
        self._simulator = simulator
        self._port = port
        self._started = threading.Event()
        self._problem: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="passmuster-simulator", daemon=True)

    def start(self) -> Simulator:
        """Start the thread and return the simulator once it serves.

        Raises:
            UsageError: where it cannot listen.
        """
        self._thread.start()
        self._started.wait()
        if self._problem is not None:
            self._thread.join()
            raise self._problem
        return self._simulator

    def stop(self) -> None:
        """Stop the simulator and wait for its thread; may be called again."""
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            run_exactly(self._serve())
        except BaseException as problem:  # noqa: BLE001 - it is raised in the thread that waits for the start
            self._problem = problem
            self._started.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        await self._simulator.start(port=self._port)
        self._started.set()
        try:
            await self._stop.wait()
        finally:
            await self._simulator.stop()
