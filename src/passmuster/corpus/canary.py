"""The canary of a version: a text that stands nowhere else, so that who knows it has read the corpus.

The practice is that of BIG-bench (Srivastava et al. 2022, "Beyond the imitation game").
"""

SENTENCE = "This is evaluation data and must never be part of training data. passmuster canary GUID"
"""What stands before the GUID; it says to whoever collects training data what to leave out."""


def canary_text(guid: str) -> str:
    """Return the canary as it stands in files: a sentence, then the GUID.

    Example:
        >>> canary_text("0b7e...").endswith("GUID 0b7e...")
        True
    """
    return f"{SENTENCE} {guid}"
