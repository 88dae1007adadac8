"""Extraction fidelity: the share of the extracted values that really stand in the document.

A value that stands nowhere in the document was invented. It is worse than a missing one: nobody looks for it.
"""

import json

from passmuster import Case, Reply, ScoreFailure


def extraction_fidelity(case: Case, reply: Reply) -> float | ScoreFailure:
    """Return the share in [0, 1]; a reply without values cannot be scored."""
    try:
        values = json.loads(reply.text)
    except ValueError:
        return ScoreFailure(kind="not_json", message="the reply is no JSON")
    if not isinstance(values, dict) or not values:
        return ScoreFailure(kind="no_values", message="the reply holds no values")
    return sum(str(value) in str(case.input) for value in values.values()) / len(values)
