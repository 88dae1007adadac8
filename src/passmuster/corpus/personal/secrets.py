"""Keys, tokens and passwords: by the forms that services give them, and by the words before them."""

import re
from collections.abc import Iterator

from passmuster.corpus.personal.span import Span

_E = r"(?![A-Za-z0-9_-])"
_FORMS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("sk-", "pk-", "rk-"), r"[spr]k-[A-Za-z0-9_-]{16,255}+"),
    (("_live_", "_test_"), r"(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{10,255}+"),
    (("whsec_",), r"whsec_[A-Za-z0-9+/=]{16,255}+"),
    (
        ("AKIA", "ASIA", "AROA", "AIDA", "AGPA", "ANPA", "ABIA", "ACCA"),
        r"A(?:KIA|SIA|ROA|IDA|GPA|NPA|BIA|CCA)[A-Z0-9]{16}" + _E,
    ),
    (("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"gh[pousr]_[A-Za-z0-9]{30,255}+"),
    (("github_pat_",), r"github_pat_[A-Za-z0-9_]{22,255}+"),
    (
        ("glpat-", "gldt-", "glrt-", "glsoat-", "glcbt-", "glptt-"),
        r"gl(?:pat|dt|rt|soat|cbt|ptt)-[A-Za-z0-9_.-]{18,255}+",
    ),
    (
        ("xoxb-", "xoxa-", "xoxp-", "xoxr-", "xoxs-", "xoxe", "xapp-"),
        r"(?:xox[abeprs](?:\.xox[bp])?-|xapp-)[A-Za-z0-9-]{10,255}+",
    ),
    (("hooks.slack.com",), r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_-]{20,255}+"),
    (
        ("discord",),
        r"https://(?:\w{1,10}\.)?discord(?:app)?\.com/api/webhooks/\d{5,25}/[A-Za-z0-9_-]{30,255}+",
    ),
    (("AIza",), r"AIza[A-Za-z0-9_-]{35}" + _E),
    (("ya29.",), r"ya29\.[A-Za-z0-9_-]{16,2048}+"),
    (("GOCSPX-",), r"GOCSPX-[A-Za-z0-9_-]{20,64}+"),
    (("SG.",), r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}+"),
    (("SK", "AC"), r"(?:SK|AC)[0-9a-f]{32}" + _E),
    (("npm_",), r"npm_[A-Za-z0-9]{30,64}+"),
    (("pypi-",), r"pypi-[A-Za-z0-9_-]{16,512}+"),
    (("hf_", "api_org_"), r"(?:hf|api_org)_[A-Za-z0-9]{30,64}+"),
    (("dapi", "dkea"), r"d(?:api|kea)[0-9a-f]{32}(?:-\d)?" + _E),
    (("dop_v1_", "doo_v1_", "dor_v1_"), r"do[por]_v1_[0-9a-f]{64}" + _E),
    (("shpat_", "shpca_", "shppa_", "shpss_"), r"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}" + _E),
    (("sq0", "EAAA"), r"(?:sq0[a-z]{3}-[A-Za-z0-9_-]{22,64}|EAAA[A-Za-z0-9_-]{56,64})" + _E),
    (("key-",), r"key-[0-9a-f]{32}" + _E),
    ((":AA",), r"\d{8,10}:AA[A-Za-z0-9_-]{32,34}" + _E),
    (
        ("lin_api_", "gsk_", "xai-", "pplx-", "nvapi-", "fw_", "r8_", "tvly-", "csk-"),
        r"(?:lin_api_|gsk_|xai-|pplx-|nvapi-|fw_|r8_|tvly-|csk-)[A-Za-z0-9_-]{20,255}+",
    ),
    (("hvs.", "hvb.", "hvr."), r"hv[sbr]\.[A-Za-z0-9_-]{20,512}+"),
    (("AGE-SECRET-KEY-1",), r"AGE-SECRET-KEY-1[0-9A-Z]{50,64}+"),
    (("PMAK-",), r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}" + _E),
    (("secret_", "ntn_"), r"(?:secret|ntn)_[A-Za-z0-9]{40,64}+"),
    (
        (
            "dckr_pat_",
            "dp.pt.",
            "pul-",
            "sbp_",
            "rubygems_",
            "figd_",
            "atlasv1",
            "ATATT3",
            "NRAK-",
            "glc_",
            "glsa_",
        ),
        r"(?:dckr_pat_|dp\.pt\.|pul-|sbp_|rubygems_|figd_|(?:[A-Za-z0-9]{14}\.)?atlasv1\.|ATATT3|NRAK-|glc_|glsa_)[A-Za-z0-9_=.-]{20,512}+",
    ),
    (("eyJ",), r"eyJ[A-Za-z0-9_-]{6,8192}+\.[A-Za-z0-9_-]{6,65536}+(?:\.[A-Za-z0-9_-]{0,65536}+){0,3}"),
)
_PATTERNS = tuple((marks, re.compile(r"(?<![A-Za-z0-9_-])" + form)) for marks, form in _FORMS)
"""What must be in the text, and the form: most texts hold no mark, and cost a search for each only."""

_BLOCK_START = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d")
_BLOCK_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|Private-MAC: [0-9a-f]{40,64}")
_BLOCK_LINES = re.compile(r"(?:(?:\\r|\\n|[A-Za-z0-9+/=:,\s-])*+)")
_BEARER = re.compile(
    r"(?<![A-Za-z0-9])(?:bearer|basic|token) {1,3}([A-Za-z0-9._~+/=-]{16,4096}+)", flags=re.IGNORECASE
)
_LOGIN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s:/@?#]{0,64}:([^\s/@]{3,128})@")
_ASSIGNED = re.compile(
    r"(?:api[_ -]?key|access[_ -]?key(?:[_ -]?id)?|account[_ -]?key|secret(?:[_ -]?(?:access[_ -]?)?key)?|client[_ -]?secret"
    r"|(?:access|auth|refresh|session|bearer|id|api)?[_ -]?token|authorization|signature|private[_ -]?key|(?P<word>pass(?:word|wd|phrase|code)?|pwd"
    r"|passwort|kennwort|mot de passe|contrase\u00f1a|senha|\u043f\u0430\u0440\u043e\u043b\u044c|\u5bc6\u7801|\u30d1\u30b9\u30ef\u30fc\u30c9))"
    r"[\"'`]?(?:\s{0,3}(?:[:=]|=>|\uff1a)\s{0,3}|\s{1,2}is:?\s{1,2})[\"'`]?(?P<value>[^\s\"'`<>{}]{6,4096}+)",
    flags=re.IGNORECASE,
)
_TRAILING = ".,;:)]!?&"


def secrets(text: str) -> Iterator[Span]:
    """Yield the spans of keys, tokens, passwords and blocks of private keys; some may overlap.

    Example:
        >>> [(span.start, span.end) for span in secrets("use AKIAIOSFODNN7EXAMPLE, please")]
        [(4, 24)]
    """
    if "PRIVATE KEY" in text or "PuTTY-User-Key-File" in text:
        yield from _blocks(text)
    for marks, pattern in _PATTERNS:
        if any(mark in text for mark in marks):
            yield from (_span(text, *found.span()) for found in pattern.finditer(text))
    if "://" in text and "@" in text:
        yield from (
            Span(start=found.start(1), end=found.end(1), kind="key") for found in _LOGIN.finditer(text)
        )
    yield from _named(text)


def _named(text: str) -> Iterator[Span]:
    """Yield what the words before say to be a key, a token or a password."""
    for found in _BEARER.finditer(text):
        if _random(found[1]):
            yield _span(text, *found.span(1))
    for found in _ASSIGNED.finditer(text):
        span = _span(text, *found.span("value"))
        value = text[span.start : span.end]
        if _chosen(value) if found["word"] else _random(value):
            yield span


def _span(text: str, start: int, end: int) -> Span:
    while end > start + 1 and text[end - 1] in _TRAILING:
        end -= 1
    return Span(start=start, end=end, kind="key")


def _blocks(text: str) -> Iterator[Span]:
    """Yield blocks of private keys; one whose end was cut off reaches as far as its lines go."""
    position = 0
    while begun := _BLOCK_START.search(text, position):
        ended = _BLOCK_END.search(text, begun.end())
        again = _BLOCK_START.search(text, begun.end())
        if ended is None or (again is not None and again.start() < ended.start()):
            lines = _BLOCK_LINES.match(text, begun.end())
            position = begun.end() if lines is None else lines.end()
        else:
            position = ended.end()
        yield Span(start=begun.start(), end=position, kind="key")


def _random(value: str) -> bool:
    """Return whether a value looks drawn, and not written: long, of letters and digits."""
    letters = any(character.isalpha() for character in value)
    return len(value) >= 16 and letters and sum(character.isdigit() for character in value) >= 2


def _chosen(value: str) -> bool:
    """Return whether a word looks like a password: of letters and of digits or signs."""
    signs = sum(not character.isalpha() for character in value)
    return len(value) >= 6 and signs > 0 and not value.endswith("()")
