"""The ready rubrics by their names."""

import difflib
from collections.abc import Mapping
from types import MappingProxyType

from passmuster.errors import ConfigurationError
from passmuster.metrics.judges.ready.quality import CONCISENESS, HELPFULNESS, RESPONSE_QUALITY
from passmuster.metrics.judges.ready.truth import CORRECTNESS, FAITHFULNESS, SAFETY
from passmuster.metrics.judges.rubric import Rubric

READY: Mapping[str, Rubric] = MappingProxyType(
    {
        each.name: each
        for each in (RESPONSE_QUALITY, CORRECTNESS, HELPFULNESS, FAITHFULNESS, SAFETY, CONCISENESS)
    }
)
"""The rubrics that come with the tool."""


def ready(name: str) -> Rubric:
    """Return a ready rubric.

    Raises:
        ConfigurationError: for a name that none of them has.

    Example:
        >>> ready("correctness").binary
        True
    """
    if name not in READY:
        close = difflib.get_close_matches(name, READY, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise ConfigurationError(
            f"there is no ready rubric {name!r}",
            hint=f"{hint}ready ones: {', '.join(READY)}; a rubric of your own is a file .yaml or .json, or written here",
        )
    return READY[name]
