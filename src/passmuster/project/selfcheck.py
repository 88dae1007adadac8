"""The self-check from Python: the promises alone, or with an A/A run on the stored trials of a project."""

from datetime import UTC, datetime

from passmuster import __version__
from passmuster.adapters.clock import MonotonicClock
from passmuster.decide.promises.registry import PROMISES
from passmuster.errors import EXIT_FAIL, EXIT_OK, EXIT_UNDECIDED, IncompleteError
from passmuster.ports import Clock
from passmuster.project.api import question_of, stored_trials
from passmuster.project.load import Project
from passmuster.project.names import check_names
from passmuster.records.promises import OwnResult, SelfcheckReport
from passmuster.workflows.selfcheck import Order, Told, own, promised

SCHEMA_VERSION = 1

_NOTHING: tuple[tuple[OwnResult, ...], str | None] = ((), None)


def selfcheck(
    project: Project | None = None,
    order: Order | None = None,
    *,
    candidates: tuple[str, ...] = (),
    told: Told | None = None,
) -> SelfcheckReport:
    """Check every statistical promise by simulation, and the tests on one's own trials; no model is called.

    Args:
        project: Whose trials an A/A run is made of; None: the promises only.
        order: Which promises, how often, and from which seed.
        candidates: Whose trials the A/A run is made of; default: the incumbent's, with its nearest rival's.
        told: Is told how it goes on.

    Raises:
        UsageError: for a promise or a candidate that there is not.

    Example:
        >>> report = selfcheck(order=Order(only=("cheapest",)))
        >>> report.promises[0].state
        'holds'
    """
    order, told = order or Order(), told or (lambda _name, _place, _all: None)
    if project is not None:
        check_names(project, candidates)
    promises = promised(PROMISES, order, told)
    found, missing = _NOTHING if project is None or not order.own else _own(project, order, candidates)
    return SelfcheckReport(
        schema_version=SCHEMA_VERSION,
        version=__version__,
        generated=_now(MonotonicClock() if project is None else project.clock),
        seed=order.seed,
        promises=promises,
        task=None if project is None else project.task.name,
        own=found,
        own_missing=missing,
    )


def exit_code(report: SelfcheckReport) -> int:
    """Return the exit code: 1 where anything is broken, 3 where a promise or one's own trials cannot tell, else 0.

    A test that sees too few cases is told; where no test sees enough, the A/A run could not be had.
    """
    promises, own = {each.state for each in report.promises}, {each.state for each in report.own}
    if "broken" in promises | own:
        return EXIT_FAIL
    blind = report.own_missing is not None or own == {"too_few"}
    return EXIT_UNDECIDED if blind or "blunt" in promises else EXIT_OK


def _own(
    project: Project, order: Order, candidates: tuple[str, ...]
) -> tuple[tuple[OwnResult, ...], str | None]:
    """Return what the A/A run says, or why there is none."""
    question = question_of(project)
    try:
        return own(question, stored_trials(project, project.candidates)(()), order, candidates), None
    except IncompleteError as error:
        return (), " ".join(filter(None, (f"{error.message}.", error.hint)))


def _now(clock: Clock) -> str:
    return datetime.fromtimestamp(clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
