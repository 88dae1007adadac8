"""Runs of words that two texts share: what shows that one was copied from the other.

Thirteen words as in Brown et al. 2020, "Language models are few-shot learners", appendix C.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterator

GRAM_WORDS = 13
"""Words in a run, unless said otherwise."""

GRAM_BYTES = 16
"""Bytes kept of a keyed digest: with ten million runs the chance that any two share one is below 1e-24."""


def words(text: str) -> list[str]:
    r"""Return the words of a text in order, without case and punctuation; a text without any is one word.

    An empty text has none. Words are runs of `\w`, so a script without blanks between words gives long ones. Letters
    that only look different to a computer are one (NFKC: full width, ligatures, accents apart), and what is not seen,
    such as a soft hyphen, parts no word.

    Example:
        >>> words("Where's my card?"), words(" ?! "), words("")
        (['where', 's', 'my', 'card'], ['?!'], [])
    """
    found = re.findall(r"\w+", _folded(text))
    rest = text.strip()
    return found or ([rest] if rest else [])


def _folded(text: str) -> str:
    if text.isascii():
        return text.casefold()
    seen = "".join(letter for letter in text if letter.isprintable() or unicodedata.category(letter) != "Cf")
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())


def grams(text: str, n: int = GRAM_WORDS) -> Iterator[str]:
    """Yield the runs of `n` words of a text, joined by single blanks; a text of fewer words is one run.

    Args:
        text: Any text; an empty one has no run.
        n: Words in a run, at least 1.

    Example:
        >>> list(grams("To be, or not to be", 4))
        ['to be or not', 'be or not to', 'or not to be']
    """
    found = words(text)
    if found:
        last = max(len(found) - n, 0)
        yield from (" ".join(found[start : start + n]) for start in range(last + 1))


def gram_digests(text: str, key: bytes, n: int = GRAM_WORDS) -> set[bytes]:
    """Return the HMAC-SHA256 of each run of `n` words, cut to 16 bytes: without the key they say nothing.

    Example:
        >>> one, other = gram_digests("a b c", b"key", 2), gram_digests("B, C!", b"key", 2)
        >>> len(one), other < one, one & gram_digests("a b c", b"another", 2)
        (2, True, set())
    """
    return {
        hmac.digest(key, gram.encode("utf-8", "surrogatepass"), hashlib.sha256)[:GRAM_BYTES]
        for gram in grams(text, n)
    }
