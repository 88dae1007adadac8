"""No reply makes `instructions` raise or hang, in either reading."""

import json

import pytest

from passmuster.metrics.instructions.instructions import Instructions
from passmuster.metrics.instructions.options import Between, Count, Length, Mention, Quoted
from passmuster.records.case import Case
from passmuster.records.score import Score
from passmuster.records.trial import Reply

MILLION = 1_000_000
REPLIES = {
    "one letter": "a" * MILLION,
    "full stops": "." * MILLION + "x",
    "abbreviations": "Dr. " * (MILLION // 4),
    "empty lines": "\n" * MILLION + "a",
    "blanks": "a" + " " * MILLION + "b",
    "blanks on lines": "\n \t" * (MILLION // 3) + "a",
    "asterisks": "*" * MILLION,
    "asterisks apart": "* " * (MILLION // 2),
    "open brackets": "[" * MILLION,
    "open quotations": "\u201c" * MILLION,
    "quotations": '"aaa aaa aaa" ' * (MILLION // 14),
    "hyphens": "a-" * (MILLION // 2),
    "bullets": "- a\n" * (MILLION // 16),
    "headings": "# a\n" * (MILLION // 16),
    "colons": "a:" * (MILLION // 2),
    "marks": "a" + "\u0315\u0300\u05ae" * (MILLION // 3),
    "surrogates": "\ud800\udfff" * 1000,
    "deep JSON": "[" * 10_000 + "]" * 10_000,
    "quote signs": "> " * (MILLION // 2),
}
EVERYTHING = Instructions(
    length=Length(
        words=Between(at_most=3),
        characters=Between(at_most=3),
        sentences=Between(at_most=3),
        paragraphs=Between(at_most=0),
        lines=Between(at_most=0),
    ),
    count=Count(**{name: Between(at_least=3, at_most=3) for name in Count.__dataclass_fields__}),
    language="de",
    casing="title",
    sections=("b", "a"),
    contains=("aaaaaaaaab", Mention(text="aa", at_least=2)),
    excludes=("ab",),
    matches=("(a+)+b$",),
    excludes_matches=("a",),
    starts_with=("b",),
    ends_with=("c",),
    only_json=True,
    no_preamble=True,
    quoted=Quoted(),
    normalise=("case", "space", "punctuation", "accents", "articles"),
)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("reply", REPLIES.values(), ids=list(REPLIES))
def test_a_megabyte_is_scored(reply: str) -> None:
    outcome = EVERYTHING.score(Case(id="1", input="aaa aaa aaa"), Reply(text=reply))
    assert isinstance(outcome, Score)
    assert outcome.value == 0
    assert len(json.dumps(outcome.details)) < 20_000
