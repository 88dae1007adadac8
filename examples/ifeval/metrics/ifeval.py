"""IFEval's 25 kinds of instructions as a metric of one's own.

Zhou and others (2023), "Instruction-Following Evaluation for Large Language Models", arXiv:2311.07911. Written from
the paper and from what the instructions say. A case's reference lists its instructions: [{"id": ..., options}, ...].
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from passmuster import Case, Reply, Score, ScoreFailure
from passmuster.metrics.instructions.loose import loose_variants
from passmuster.metrics.instructions.measures import count_sentences
from passmuster.stats.language.detect import UNKNOWN, language_of, script_of

Options = Mapping[str, Any]
CONSTRAINED = ("My answer is yes.", "My answer is no.", "My answer is maybe.")


def compared(count: int, relation: str, limit: int) -> bool:
    """Return whether a count is `at least` a limit, or `less than` it."""
    return count >= limit if relation == "at least" else count < limit


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def whole(word: str, text: str) -> list[str]:
    return re.findall(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)


def number_words(text: str, options: Options) -> bool:
    return compared(len(words(text)), options["relation"], options["num_words"])


def number_sentences(text: str, options: Options) -> bool:
    return compared(count_sentences(text), options["relation"], options["num_sentences"])


def number_paragraphs(text: str, options: Options) -> bool:
    """Paragraphs are parted by *** here; the first and the last may be empty."""
    parts = re.split(r"\s?\*\*\*\s?", text)
    inner = parts[1:-1] if len(parts) > 1 else []
    full = [part for part in parts if part.strip()]
    return all(part.strip() for part in inner) and len(full) == int(options["num_paragraphs"])


def nth_paragraph_first_word(text: str, options: Options) -> bool:
    """Paragraphs are parted by an empty line here."""
    parts = re.split(r"\n\n", text)
    full = [part for part in parts if part.strip()]
    nth = int(options["nth_paragraph"])
    if nth > len(full) or not parts[nth - 1].strip():
        return False
    first = parts[nth - 1].strip().split()[0].lstrip("'\"")
    first = re.split(r"[.,?!'\"]", first)[0].lower()
    return len(full) == int(options["num_paragraphs"]) and first == str(options["first_word"]).lower()


def number_bullet_lists(text: str, options: Options) -> bool:
    """A bullet is a hyphen, or an asterisk that opens no bold text."""
    lines = [line.lstrip() for line in text.split("\n")]
    bullets = [line for line in lines if re.match(r"-|\*[^*]", line)]
    return len(bullets) == int(options["num_bullets"])


def number_highlighted_sections(text: str, options: Options) -> bool:
    single = re.findall(r"\*[^\n*]*\*", text)
    double = re.findall(r"\*\*[^\n*]*\*\*", text)
    found = [each for each in (*single, *double) if each.strip("* ")]
    return len(found) >= int(options["num_highlights"])


def multiple_sections(text: str, options: Options) -> bool:
    mark = re.escape(options["section_spliter"].strip())
    return len(re.findall(rf"\s?{mark}\s?\d+\s?", text)) >= int(options["num_sections"])


def title(text: str, _options: Options) -> bool:
    """A title stands on one line, in double angular brackets."""
    lines = [line for line in text.split("\n") if -1 < line.find("<<") < line.rfind(">>")]
    return any(line[line.find("<<") : line.rfind(">>")].strip("<> ") for line in lines)


def json_format(text: str, _options: Options) -> bool:
    bare = re.sub(r"^```(?:json|JSON|Json)?", "", text.strip()).removesuffix("```").strip()
    try:
        json.loads(bare)
    except (ValueError, RecursionError):
        return False
    return True


def constrained_response(text: str, _options: Options) -> bool:
    return any(answer in text.strip() for answer in CONSTRAINED)


def number_placeholders(text: str, options: Options) -> bool:
    opened = [part for part in text.split("]")[:-1] if "[" in part]
    return len(opened) >= int(options["num_placeholders"])


def postscript(text: str, options: Options) -> bool:
    marker = options["postscript_marker"].strip()
    dots = {"P.P.S": r"p\.\s?p\.\s?s", "P.S.": r"p\.\s?s\."}.get(marker, re.escape(marker.lower()))
    return re.search(dots, text.lower()) is not None


def existence(text: str, options: Options) -> bool:
    return all(re.search(re.escape(word), text, re.IGNORECASE) for word in options["keywords"])


def forbidden_words(text: str, options: Options) -> bool:
    return not any(whole(word, text) for word in options["forbidden_words"])


def frequency(text: str, options: Options) -> bool:
    count = len(re.findall(re.escape(options["keyword"]), text, re.IGNORECASE))
    return compared(count, options["relation"], options["frequency"])


def letter_frequency(text: str, options: Options) -> bool:
    count = text.lower().count(options["letter"].lower())
    return compared(count, options["let_relation"], options["let_frequency"])


def capital_word_frequency(text: str, options: Options) -> bool:
    tokens = re.findall(r"[^\W_]+(?:['\u2019.-][^\W_]+)*", text)
    count = sum(1 for token in tokens if token.isupper())
    return compared(count, options["capital_relation"], options["capital_frequency"])


def english_capital(text: str, _options: Options) -> bool:
    return text.isupper() and in_language(text.lower(), "en")


def english_lowercase(text: str, _options: Options) -> bool:
    return text.islower() and in_language(text, "en")


def response_language(text: str, options: Options) -> bool:
    return in_language(text, options["language"])


def in_language(text: str, language: str) -> bool:
    """Return whether a text is in a language; one of which nothing can be said is not held against it."""
    found = language_of(text)
    return found == language or (found == UNKNOWN and script_of(text) in {"Latin", "none"})


def no_comma(text: str, _options: Options) -> bool:
    return "," not in text


def end_checker(text: str, options: Options) -> bool:
    return text.strip().strip('"').lower().endswith(options["end_phrase"].strip().lower())


def quotation(text: str, _options: Options) -> bool:
    bare = text.strip()
    return len(bare) > 1 and bare[0] == bare[-1] == '"'


def repeat_prompt(text: str, options: Options) -> bool:
    return text.strip().lower().startswith(options["prompt_to_repeat"].strip().lower())


def two_responses(text: str, _options: Options) -> bool:
    """Two different answers parted by six asterisks; only before the first and after the last may it be empty."""
    parts = text.split("******")
    if not all(part.strip() for part in parts[1:-1]):
        return False
    full = [part.strip() for part in parts if part.strip()]
    return len(full) == 2 and full[0] != full[1]


KINDS: Mapping[str, Callable[[str, Options], bool]] = {
    "change_case:capital_word_frequency": capital_word_frequency,
    "change_case:english_capital": english_capital,
    "change_case:english_lowercase": english_lowercase,
    "combination:repeat_prompt": repeat_prompt,
    "combination:two_responses": two_responses,
    "detectable_content:number_placeholders": number_placeholders,
    "detectable_content:postscript": postscript,
    "detectable_format:constrained_response": constrained_response,
    "detectable_format:json_format": json_format,
    "detectable_format:multiple_sections": multiple_sections,
    "detectable_format:number_bullet_lists": number_bullet_lists,
    "detectable_format:number_highlighted_sections": number_highlighted_sections,
    "detectable_format:title": title,
    "keywords:existence": existence,
    "keywords:forbidden_words": forbidden_words,
    "keywords:frequency": frequency,
    "keywords:letter_frequency": letter_frequency,
    "language:response_language": response_language,
    "length_constraints:nth_paragraph_first_word": nth_paragraph_first_word,
    "length_constraints:number_paragraphs": number_paragraphs,
    "length_constraints:number_sentences": number_sentences,
    "length_constraints:number_words": number_words,
    "punctuation:no_comma": no_comma,
    "startend:end_checker": end_checker,
    "startend:quotation": quotation,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class IFEval:
    """1 where a reply follows every instruction of its case, else 0; `parts` has the share of each kind."""

    version: ClassVar[int] = 1
    direction: ClassVar[str] = "higher"
    bounds: ClassVar[tuple[float, float]] = (0.0, 1.0)
    binary: ClassVar[bool] = True
    summary: ClassVar[str] = "parts"

    name: str = "ifeval"
    loose: bool = False

    def score(self, case: Case, reply: Reply) -> Score | ScoreFailure:
        wanted = case.reference
        if not isinstance(wanted, list) or not all(isinstance(each, dict) for each in wanted):
            return ScoreFailure(kind="no_reference", message=f"case {case.id!r} lists no instructions")
        unknown = [each.get("id") for each in wanted if each.get("id") not in KINDS]
        if unknown or not wanted:
            return ScoreFailure(kind="wrong_reference", message=f"no such instruction: {unknown}")
        followed = [self.followed(each, reply.text) for each in wanted]
        by_kind: dict[str, list[bool]] = {}
        for each, held in zip(wanted, followed, strict=True):
            by_kind.setdefault(each["id"], []).append(held)
        return Score(
            value=float(all(followed)),
            details={
                "parts": {kind: sum(held) / len(held) for kind, held in by_kind.items()},
                "each": followed,
                "failed": [each["id"] for each, held in zip(wanted, followed, strict=True) if not held],
            },
        )

    def followed(self, instruction: Options, text: str) -> bool:
        """Return whether a reply follows one instruction; an empty one follows none."""
        forms = loose_variants(text) if self.loose else (text,)
        return any(form.strip() and KINDS[instruction["id"]](form, instruction) for form in forms)
