"""A run that asks only until it is decided, from Python. It loads what compares, which a plain run does not."""

from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.errors import UsageError
from passmuster.ports import Progress, Provider
from passmuster.project.api import write_reports
from passmuster.project.asking import Silent, engine_ports, opened
from passmuster.project.load import Project
from passmuster.project.loop import until_done
from passmuster.project.names import asked_candidates
from passmuster.project.pasted import refuse_pasted
from passmuster.records.run import RunEnd
from passmuster.workflows import until_decided as deciding
from passmuster.workflows.at_work import RunOptions, RunPorts
from passmuster.workflows.laying import Question
from passmuster.workflows.until_decided import Wish

__all__ = ["Wish", "run_until_decided"]


def run_until_decided(  # noqa: PLR0913 - what the command line offers, under the same names
    project: Project,
    wish: Wish | None = None,
    *,
    limit: int | None = None,
    retry_failures: bool = False,
    budget: float | None = None,
    cache: bool = True,
    progress: Progress | None = None,
    everybody: bool = False,
) -> RunEnd:
    """Ask all candidates in blocks until the decision is made, and write a report file per candidate.

    The end says in `early` who was stopped, when and why; `compare` goes by the same correction afterwards.

    Args:
        project: The project.
        wish: What is to be decided; default: the cheapest that meets every bar, in the order of seed 0.
        limit: How many cases, the same for every candidate; None is all.
        retry_failures: Whether trials that failed before are asked again.
        budget: The most that may be spent, in US dollars; None takes that of the project file.
        cache: Whether replies to the very same request of earlier runs are taken.
        progress: Is told how the run goes on.
        everybody: Whether candidates that miss a requirement of the task are asked all the same.

    Raises:
        UsageError: where nobody is asked, or what decides cannot be known between blocks.
        ConfigurationError: for a metric that cannot be loaded, and for a prompt that holds a case which is scored.
        MissingSecretError: where a key is not set.
        StoreError: where the store cannot be written.
    """
    chosen = asked_candidates(project, everybody=everybody)
    if not chosen:
        raise UsageError(
            "nobody is asked: all figures are stated in the project file, or a requirement is missed"
        )
    refuse_pasted(project)
    question = Question(
        task=project.task, metrics=project.metrics(), corpus=project.corpus(), candidates=chosen
    )
    options = RunOptions(
        limit=limit,
        retry_failures=retry_failures,
        budget=project.settings.budget if budget is None else budget,
    )
    wish = wish or Wish()
    deciding.settled(question, wish)  # what it refuses is told before a key is looked for
    with project.store() as store:
        ports = engine_ports(project, store, progress or Silent(), cache=cache)
        end = until_done(_run(project, question, ports, options, wish, store))
    write_reports(project, chosen)
    return end


async def _run(
    project: Project,
    question: Question,
    ports: RunPorts,
    options: RunOptions,
    wish: Wish,
    store: SqliteStore,
) -> RunEnd:
    async with opened(project, question.candidates) as providers:
        found: dict[str, Provider] = dict(providers)
        return await deciding.run_until_decided(question, found, ports, options, wish, store.made)
