"""Rubrics of how good a reply is, beside whether it is right."""

from passmuster.metrics.judges.rubric import Criterion, Rubric

RESPONSE_QUALITY = Rubric(
    name="response_quality",
    instruction=(
        "Judge how well the reply is made, apart from whether its facts are right: that is measured elsewhere. A longer "
        "reply is not a better one. Judge each criterion for itself: a reply may be complete and badly structured."
    ),
    criteria=(
        Criterion(
            name="structure",
            question="Can a reader find what they need at once: is the order sensible, and does the form fit the content?",
            anchors={
                "1": "No order: the reader has to sort it out themselves.",
                "2": "Some order, but what matters is buried, or the form (a list, a table, one block) works against the content.",
                "3": "Can be followed; one or two parts stand in the wrong place or in the wrong form.",
                "4": "Clear order and fitting form, with one small thing to improve.",
                "5": "What matters most comes first, each part has its place, and the form fits the content.",
            },
        ),
        Criterion(
            name="completeness",
            question="Is everything dealt with that the task asks for?",
            anchors={
                "1": "The task is hardly dealt with.",
                "2": "A main part of what was asked is missing.",
                "3": "The main part is there; something that was asked for is missing or only touched.",
                "4": "All that was asked is dealt with, one point more briefly than it needs.",
                "5": "All that was asked is dealt with, in the depth that it needs.",
            },
        ),
        Criterion(
            name="tone",
            question="Is the tone professional, and right for who asked and what about?",
            anchors={
                "1": "Rude, mocking or wholly out of place.",
                "2": "Clearly off: cold, preaching, flattering or far too casual for the occasion.",
                "3": "Acceptable, with one or two phrases that jar.",
                "4": "Professional and friendly; hardly anything to improve.",
                "5": "Exactly right: professional, respectful and to the person.",
            },
        ),
        Criterion(
            name="no_filler",
            question="Is it free of filler: no empty phrases, no repetition, no restating of the question, no talk about itself?",
            anchors={
                "1": "Mostly filler.",
                "2": "Much of it could go without any loss.",
                "3": "A few sentences could go without any loss.",
                "4": "One phrase could go.",
                "5": "Every sentence carries something.",
            },
        ),
    ),
)

HELPFULNESS = Rubric(
    name="helpfulness",
    instruction="Judge how far the reply helps the person who asked to do what they want to do. A longer reply is not a better one.",
    criteria=(
        Criterion(
            name="helpfulness",
            question="How far does this reply help with what was asked?",
            anchors={
                "1": "Not at all: it misses the question, or would lead the person astray.",
                "2": "A little: it is on the subject, but the person still has nearly all of the work to do.",
                "3": "In part: it gives something of use, and leaves out something that the person needs.",
                "4": "Well: the person can go on with it, with one thing to find out themselves.",
                "5": "Fully: the person has what they need and can act on it.",
            },
        ),
    ),
)

CONCISENESS = Rubric(
    name="conciseness",
    instruction=(
        "Judge only whether the reply is as short as it can be while it still says what was asked for. A reply that is short "
        "because something is missing is not concise."
    ),
    criteria=(
        Criterion(
            name="conciseness",
            question="Is the reply as short as the task allows?",
            anchors={
                "1": "Several times as long as it need be, or so short that it says nothing of use.",
                "2": "About twice as long as it need be, or something that was asked for is missing.",
                "3": "Noticeably longer than it need be.",
                "4": "A phrase or a sentence could go.",
                "5": "Nothing could go without a loss, and nothing that was asked for is missing.",
            },
        ),
    ),
)
