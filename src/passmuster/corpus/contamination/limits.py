"""What each method can show of contamination, and what it cannot: it stands in every result."""

from collections.abc import Mapping

LIMITS: Mapping[str, str] = {
    "overlap": (
        "Shows copies: runs of 13 words (shorter texts whole) of a case in the prompts, train and files that were "
        "looked through. It cannot see translations, rephrasings, or data that nobody named; runs that stand in many "
        "cases do not count."
    ),
    "canary": (
        "A completed canary proves that the candidate has read the files of that version, or can look them up. One "
        "that is not completed proves nothing: models forget, refuse, or were trained without the line."
    ),
    "completion": (
        "Texts finished better under the name of their source were probably seen there. It says so of the set, not "
        "of a case; a name that means nothing to a model hides what it has seen, and templates can be guessed."
    ),
    "rephrase": (
        "A score that falls when cases are put in other words speaks for learned wording. Rephrasings that are harder "
        "or mean something else give the same picture: read them, and compare with an older candidate, whose gap "
        "is only what rephrasing costs."
    ),
    "novelty": (
        "Newer cases that go worse than older ones of the same strata fit a candidate that has seen the older. They "
        "fit harder times as well: compare candidates with other cut-offs on the same cases."
    ),
}
"""One text a method."""
