"""passmuster: choose, gate and keep watching LLMs on your own production task.

    import passmuster

    project = passmuster.open_project("passmuster.yaml")
    passmuster.run(project)
    print(passmuster.compare(project).decision.reason)

Names are loaded when they are first used, so that `passmuster --help` loads next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from passmuster.errors import PassmusterError
    from passmuster.project.api import compare, exit_code, trials, trials_frame
    from passmuster.project.asking import run
    from passmuster.project.corpus.opening import Corpus, open_corpus
    from passmuster.project.escalating import escalate
    from passmuster.project.gate import gate
    from passmuster.project.load import Project, open_project
    from passmuster.project.routing import route
    from passmuster.project.scoring import score
    from passmuster.project.screening import screen
    from passmuster.project.selfcheck import selfcheck
    from passmuster.records.candidate import Candidate, Price
    from passmuster.records.case import Case, Conversation, Message
    from passmuster.records.comparison import Comparison
    from passmuster.records.escalation import EscalationReport
    from passmuster.records.gate import GateReport
    from passmuster.records.run import RunEnd
    from passmuster.records.score import Difference, Estimate, Score, ScoreFailure
    from passmuster.records.trial import Failure, Reply, Trial, Usage

__version__ = "0.1.0"

__all__ = [
    "Candidate",
    "Case",
    "Comparison",
    "Conversation",
    "Corpus",
    "Difference",
    "EscalationReport",
    "Estimate",
    "Failure",
    "GateReport",
    "Message",
    "PassmusterError",
    "Price",
    "Project",
    "Reply",
    "RunEnd",
    "Score",
    "ScoreFailure",
    "Trial",
    "Usage",
    "__version__",
    "compare",
    "escalate",
    "exit_code",
    "gate",
    "open_corpus",
    "open_project",
    "route",
    "run",
    "score",
    "screen",
    "selfcheck",
    "trials",
    "trials_frame",
]

_HOMES = {
    "passmuster.errors": ("PassmusterError",),
    "passmuster.project.api": ("compare", "exit_code", "trials", "trials_frame"),
    "passmuster.project.asking": ("run",),
    "passmuster.project.corpus.opening": ("Corpus", "open_corpus"),
    "passmuster.project.escalating": ("escalate",),
    "passmuster.project.gate": ("gate",),
    "passmuster.project.load": ("Project", "open_project"),
    "passmuster.project.routing": ("route",),
    "passmuster.project.scoring": ("score",),
    "passmuster.project.screening": ("screen",),
    "passmuster.project.selfcheck": ("selfcheck",),
    "passmuster.records.candidate": ("Candidate", "Price"),
    "passmuster.records.case": ("Case", "Conversation", "Message"),
    "passmuster.records.comparison": ("Comparison",),
    "passmuster.records.escalation": ("EscalationReport",),
    "passmuster.records.gate": ("GateReport",),
    "passmuster.records.run": ("RunEnd",),
    "passmuster.records.score": ("Difference", "Estimate", "Score", "ScoreFailure"),
    "passmuster.records.trial": ("Failure", "Reply", "Trial", "Usage"),
}


def __getattr__(name: str) -> object:
    """Load a public name from its module when it is first asked for."""
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)
