"""A reply that says the same at greater length: by rule, so that nothing is added and nothing is lost."""

from dataclasses import replace

from passmuster.records.trial import Reply

OPENING = "Thank you for this question. Here is an answer, which I have thought through with care."
TURN = "To put the very same once more, so that nothing is left unclear:"
CLOSING = "That is all there is to say about it. I hope that this is of help to you."

LONGEST = 20_000
"""Characters of a reply above which it is not restated: what a judge is shown may be cut."""

_NO_PROSE = ("{", "[", "<", "```", "|")


def padded(reply: Reply) -> Reply | None:
    """Return a reply that says the same at greater length; None for one that is no prose, or too long.

    It is said twice, between phrases that say nothing of the matter. JSON, XML, code and tables would not be the same
    any more, and of an empty reply there is nothing to say again.

    Example:
        >>> longer = padded(Reply(text="Paris."))
        >>> longer.text.count("Paris."), padded(Reply(text='{"city": "Paris"}')) is None
        (2, True)
    """
    text = reply.text.strip()
    if not text or len(text) > LONGEST or reply.tool_calls or text.startswith(_NO_PROSE) or "```" in text:
        return None
    return replace(reply, text=f"{OPENING}\n\n{text}\n\n{TURN}\n\n{text}\n\n{CLOSING}")
