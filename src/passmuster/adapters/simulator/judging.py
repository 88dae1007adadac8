"""A simulated judge: verdicts that are honest, noisy or biased by a known amount."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from passmuster.adapters.simulator.answers import REFUSAL, Question, RecordedReply
from passmuster.adapters.simulator.chance import chance, normal
from passmuster.adapters.simulator.judge_truth import Truth, Truths
from passmuster.adapters.simulator.judged import Better, Judged, choice_text, read_judged, values_text
from passmuster.adapters.simulator.profiles import JudgeAnswers
from passmuster.records.digest import canonical, digest
from passmuster.records.record import Json

NO_QUESTION = "I judge replies, and see none here."
NOT_KNOWN = "Of this I was not told what is true."
PROSE = "On the whole I like this, though it could be better."
RIGHT = 1.0
WRONG = 0.0

_Key: TypeAlias = tuple[object, ...]


class Judging:
    """Verdicts by a profile; equal questions get equal answers, but for the share that is unsteady.

    What is drawn of a reply belongs to the reply and its case, so a judge says the same of it alone and on either
    side of a pair, unless its profile says otherwise.

    Args:
        profile: How it judges.
        truths: What is true of replies.
        references: The reference of each case of a project by its text, for questions that show none.
    """

    def __init__(
        self, profile: JudgeAnswers, truths: Truths, references: Mapping[str, Json] | None = None
    ) -> None:
        self._profile = profile
        self._truths = truths
        self._references = references or {}

    def answer(self, question: Question) -> RecordedReply:
        """Return the verdict on the reply, or the pair, of this question; prose where it is no such question."""
        judged = read_judged(question.conversation)
        if judged is None:
            return RecordedReply(text=NO_QUESTION)
        key: _Key = (question.seed, question.model)
        again: _Key = ()
        if chance(*key, question.digest, "unsteady") < self._profile.unsteady:
            again = (question.turn,)
        said = self._slip(judged, (*key, question.digest, *again))
        if said is None:
            seen = [self._seen(judged, reply, (*key, *again)) for reply in judged.replies]
            said = self._choice(judged, seen, (*key, *again)) if judged.pair else seen[0].values(judged)
        return RecordedReply(text=said or NOT_KNOWN)

    def _slip(self, judged: Judged, key: _Key) -> str | None:
        """Return an answer that is no verdict, where this question gets one."""
        profile, drawn = self._profile, chance(*key, "slip")
        if drawn < profile.refusal:
            return REFUSAL
        if drawn < profile.refusal + profile.malformed:
            whole = choice_text("tie") if judged.pair else _of_all(judged, judged.high)
            return PROSE if chance(*key, "how malformed") < 0.5 else whole[: len(whole) // 2]
        if drawn < profile.refusal + profile.malformed + profile.off_scale:
            return choice_text("both") if judged.pair else _of_all(judged, judged.high + 1)
        return None

    def _seen(self, judged: Judged, reply: str, key: _Key) -> "_Seen":
        truth = self._truths.of(reply, judged.about) or self._by_reference(judged, reply)
        own = self._profile.favours
        mine = own is not None and (own in reply or (truth is not None and truth.by == own))
        return _Seen(self._profile, reply, truth, mine, (*key, digest([judged.about, reply])))

    def _by_reference(self, judged: Judged, reply: str) -> Truth | None:
        reference: Json = judged.reference
        if reference is None:
            reference = self._references.get(judged.about)
        if reference is None:
            return None
        low, high = (WRONG, RIGHT) if judged.pair else (judged.low, judged.high)
        return Truth(value=high if _same(reply, reference) else low)

    def _choice(self, judged: Judged, seen: "list[_Seen]", key: _Key) -> str | None:
        """Return which of a pair is better: by habit, by favour, or by what is true."""
        profile, (first, second) = self._profile, seen
        both = (*key, *sorted((str(first.key[-1]), str(second.key[-1]))))
        drawn = chance(*both, "habit")
        if drawn < profile.ties:
            return choice_text("tie")
        if drawn < profile.ties + profile.first:
            return choice_text("first")
        if drawn < profile.ties + profile.first + profile.longer:
            return choice_text(_greater(len(first.reply), len(second.reply)))
        if first.favoured != second.favoured:
            return choice_text("first" if first.favoured else "second")
        one, other = first.worth(), second.worth()
        if one is None or other is None:
            return None
        chosen = _greater(one, other)
        if chosen == "tie" and not judged.ties:
            chosen = "first" if str(first.key[-1]) < str(second.key[-1]) else "second"
        return choice_text(chosen)


@dataclass(frozen=True, slots=True)
class _Seen:
    """One reply as the judge sees it; everything drawn of it comes from `key`."""

    profile: JudgeAnswers
    reply: str
    truth: Truth | None
    mine: bool
    key: _Key

    @property
    def favoured(self) -> bool:
        """Whether it gets the best because it is the judge's own."""
        return self.mine and chance(*self.key, "favour") < self.profile.favour

    def values(self, judged: Judged) -> str | None:
        """Return the verdict on it alone; None where nothing is known of it."""
        low, high = judged.low, judged.high
        if chance(*self.key, "longer") < self.profile.longer:
            share = len(self.reply) / (len(self.reply) + self.profile.typical)
            return _of_all(judged, math.floor(low + (high - low) * share + 0.5))
        if self.favoured:
            return _of_all(judged, high)
        if self.truth is None:
            return None
        if judged.binary:
            return values_text(self._met(judged, self.truth))
        moved = self._moved()
        exact = {name: self.truth.parts.get(name, self.truth.value) + moved for name in judged.criteria}
        return values_text(
            {name: min(high, max(low, self._whole(value, name))) for name, value in exact.items()}
        )

    def worth(self) -> float | None:
        """Return how good it seems beside another one; None where nothing is known of it."""
        if self.truth is None:
            return None
        if self.truth.value in {WRONG, RIGHT}:
            return float(self._passes(right=self.truth.value == RIGHT)) + self._moved()
        return self.truth.value + self._moved()

    def _met(self, judged: Judged, truth: Truth) -> dict[str, int]:
        """Return which criteria are met: all of them where it passes, else not those that the truth, or a draw, names."""
        if self._passes(right=truth.value >= 0.5):
            return dict.fromkeys(judged.criteria, 1)
        missed = [name for name in judged.criteria if truth.parts.get(name, 1.0) < 0.5]
        if not missed:
            missed = [judged.criteria[int(chance(*self.key, "missed") * len(judged.criteria))]]
        return {name: int(name not in missed) for name in judged.criteria}

    def _passes(self, *, right: bool) -> bool:
        drawn = chance(*self.key, "passes")
        return drawn < self.profile.sensitivity if right else drawn >= self.profile.specificity

    def _moved(self) -> float:
        noise = self.profile.noise
        return self.profile.shift + (noise * normal(*self.key, "noise") if noise else 0.0)

    def _whole(self, value: float, name: str) -> int:
        """Return a whole number that is right on average: 3.4 is 4 for four replies of ten."""
        return math.floor(value + chance(*self.key, "whole", name)) if value % 1 else int(value)


def _of_all(judged: Judged, value: int) -> str:
    return values_text(dict.fromkeys(judged.criteria, value))


def _greater(one: float, other: float) -> Better:
    if one == other:
        return "tie"
    return "first" if one > other else "second"


def _same(reply: str, reference: Json) -> bool:
    """Return whether a reply says what a reference does: as JSON, or as text but for case and white space."""
    if isinstance(reference, str):
        if " ".join(reply.split()).casefold() == " ".join(reference.split()).casefold():
            return True
        try:
            reference = json.loads(reference)
        except (ValueError, RecursionError):
            return False
    try:
        return canonical(json.loads(reply)) == canonical(reference)
    except (ValueError, RecursionError):
        return False
