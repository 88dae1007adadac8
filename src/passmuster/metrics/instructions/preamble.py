"""Does a reply begin with talk about itself instead of what was asked for."""

import re

_LOOKED_AT = 300
"""Characters of the first line that are looked at."""

_STARTS = (
    # English
    r"(?:sure(?: thing)?|certainly|absolutely|of course|gladly|okay|ok|alright|great question|no problem)\b(?=[,.!:]| *$| *[-\u2013\u2014]| here)",
    r"(?:here(?:'s| is| are| you go)|below (?:is|are)|the following (?:is|are)|this is)\b.*(?::$|request|asked|version|below)",
    r"(?:i(?:'d| would) be (?:happy|glad)|i(?:'ve| have) (?:written|prepared|created|drafted)|i(?:'ll| will| can) (?:help|provide|write|give|do|now))\b",
    r"(?:thank you|thanks) for\b",
    r"as (?:an ai|a language model|requested|you requested|you asked)\b",
    r"(?:let me|let's) (?:help|start|begin|break|see|think|walk)\b",
    # German, French, Spanish, Italian, Portuguese, Dutch
    r"(?:nat\u00fcrlich|gerne?|klar|selbstverst\u00e4ndlich|sicher)\b(?=[,.!:]| *$| *[-\u2013\u2014]| hier)",
    r"(?:hier (?:ist|sind|folgt|kommt)|nachfolgend|im folgenden)\b.*:$",
    r"(?:bien s\u00fbr|certainement|avec plaisir|d'accord|volontiers)\b(?=[ ,.!:]|$)",
    r"(?:voici|voil\u00e0)\b.*:$",
    r"(?:claro(?: que s\u00ed)?|por supuesto|con gusto|desde luego|con mucho gusto)\b(?=[ ,.!:]|$)",
    r"(?:aqu\u00ed (?:est\u00e1|tienes|tiene|te|le)|a continuaci\u00f3n)\b.*:$",
    r"(?:certo|certamente|volentieri|va bene|ecco)\b(?=[,.!:]| *$)|ecco\b.*:$",
    r"(?:claro|com certeza|com prazer|aqui est\u00e1|aqui est\u00e3o)\b(?=[,.!:]| *$)|aqui (?:est\u00e1|est\u00e3o)\b.*:$",
    r"(?:natuurlijk|zeker|graag|uiteraard)\b(?=[,.!:]| *$)|hier (?:is|zijn|volgt)\b.*:$",
)
_PREAMBLE = re.compile("|".join(f"(?:{start})" for start in _STARTS))
_FIRST_LINE = re.compile(r"\S[^\n]*")


def preamble_of(text: str) -> str | None:
    r"""Return the first line of a reply where it only announces what follows; None where it does not.

    Found by frequent openings in English, German, French, Spanish, Italian, Portuguese and Dutch.

    Example:
        >>> preamble_of("Sure! Here is the list:\n- a"), preamble_of("- a\n- b")
        ('Sure! Here is the list:', None)
    """
    found = _FIRST_LINE.search(text)
    if found is None:
        return None
    line = found.group()[:_LOOKED_AT].rstrip()
    folded = line.lower().replace("\u2019", "'").lstrip("*_#> \t").rstrip("*_ \t")
    return line if _PREAMBLE.match(folded) else None
