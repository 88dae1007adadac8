"""No prompt of a project holds a case that is scored: what a model is shown, it does not have to know."""

from passmuster.corpus.contamination.passages import Passage
from passmuster.corpus.contamination.pasted import pasted
from passmuster.errors import ConfigurationError
from passmuster.project.load import Project
from passmuster.project.told import told


def refuse_pasted(project: Project) -> None:
    """Refuse a prompt in whose text a case of eval, of a pool or of an open holdout stands.

    So is one in parameters, and in the body of a request.

    A case is found by a run of thirteen of its words, a shorter one of eight or more words whole, and one of three
    or more as a line of its own; what many cases have is boilerplate.

    Raises:
        ConfigurationError: with the place of the prompt, and the case.
    """
    texts = list(told(project))
    if not texts:
        return
    passages = [Passage(str(number), text.text) for number, text in enumerate(texts)]
    found = pasted(passages, project.held_back(), project.learned())
    if not found:
        return
    first = found[0]
    text = texts[int(first.place)]
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    raise ConfigurationError(
        f"{text.owner} holds the case {first.case!r}{more}, which is scored: {first.excerpt!r}",
        place=project.document.value(text.path),
        hint="Take it out of the prompt, or let few_shot show cases of the train split: few_shot: {k: 4}.",
    )
