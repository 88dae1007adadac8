"""The cases behind the sample comparison, with what each candidate answered."""

import random
from collections.abc import Mapping

from passmuster.records.comparison import Answer, CaseEvidence

LABELS = ("credit_card", "credit_reporting", "debt_collection", "mortgages_and_loans", "retail_banking")
ACCURACIES = {
    "gpt-4o-mini": 0.691,
    "gpt-4o": 0.736,
    "claude-3-7-sonnet": 0.765,
    "gemini-2.0-flash": 0.758,
    "gemini-2.0-flash-lite": 0.742,
    "o3-mini": 0.752,
    "local-8b": 0.655,
    "naive_bayes": 0.723,
    "manual": 0.93,
}
FAILING = "local-8b"
SENTENCES = (
    "I was charged a late fee of $39 although my payment was posted two days before the due date, and the agent refused to take it back.",
    "An account that I never opened is listed on my report. I sent the police report and the identity theft affidavit three times.",
    "They call me at work every day about a debt of my former roommate, and threaten to garnish my wages.",
    "My servicer lost the escrow payment, then added penalty interest and will not answer the qualified written request.",
    "The branch froze my checking account without notice; my rent bounced and I was charged four overdraft fees in one night.",
)


def evidence(cases: int = 60, accuracies: Mapping[str, float] = ACCURACIES) -> tuple[CaseEvidence, ...]:
    generator = random.Random(7)  # noqa: S311  # invented answers, nothing secret
    return tuple(_case(index, generator, accuracies) for index in range(cases))


def _case(index: int, generator: random.Random, accuracies: Mapping[str, float]) -> CaseEvidence:
    reference = LABELS[index % len(LABELS)]
    answers, right = [], []
    for name, accuracy in accuracies.items():
        hit = generator.random() < accuracy
        failure = "timeout: no answer within 60 s" if name == FAILING and generator.random() < 0.08 else None
        text = (
            None
            if failure
            else reference
            if hit
            else generator.choice([each for each in LABELS if each != reference])
        )
        score = None if failure else float(hit)
        answers.append(
            Answer(candidate=name, text=text, failure=failure, scores={"accuracy": score}, answer=text)
        )
        if hit and not failure:
            right.append(name)
    text = SENTENCES[index % len(SENTENCES)] + f" (letter {index + 1})"
    return CaseEvidence(
        id=f"c-{index + 1:03d}",
        category="edge" if index % 11 == 0 else "typical",
        stratum=reference,
        input=text,
        reference=reference,
        answers=tuple(answers),
        right=tuple(right),
        disputed=0 < len(right) < len(accuracies),
    )
