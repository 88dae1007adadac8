"""Generated identifiers: right ones of many forms, and numbers whose check digits are wrong."""

import base64
import json
import string
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from passmuster.corpus.personal.accounts import IBAN_LENGTHS
from passmuster.corpus.personal.span import PersonalKind

WORDS = ("anna", "li", "o'neil", "k.schmidt", "juan_p", "m-dupont", "x1", "Åsa", "пётр", "sales+eu")
DOMAINS = (
    "example.com",
    "mail.example.co.uk",
    "firma-müller.de",
    "a.io",
    "xn--bcher-kva.example",
    "post.museum",
)
SENTENCES = (
    "Please write to {} today.",
    "{}",
    "I gave them {}, and nothing happened",
    "Kunde: {} (seit 2019)",
    '{{"value": "{}"}}',
    "was it {}?",
    "我的是{}。谢谢",
    "first line\n{}\nlast line",
    "<p>{}</p>",
    "see ({}) for 3 items at 12.50 EUR",
)
PHONES = (
    "+1 ### ### ####", "+1-###-###-####", "(2##) 5##-####", "2##-5##-####", "2##.5##.####", "1-8##-5##-####",
    "+1 (2##) 5##-#### ext. 12", "001 2## 5## ####",
    "+44 20 #### ####", "020 7### ####", "07### ######", "(0161) 4## ####", "+44 (0)7### ### ###", "07700 9#####",
    "+49 30 #######", "030 #######", "0171/#######", "(089) ## ## ##-##", "+49 (0)151 ########", "0049 89 ######",
    "+33 6 ## ## ## ##", "06 ## ## ## ##", "01.##.##.##.##", "+336########", "02-##-##-##-##",
    "+34 6## ### ###", "6## ### ###", "9## ## ## ##", "+39 06 #### ####", "3## #######", "06 ########",
    "+31 6 ########", "06-########", "020-#######", "+32 4## ## ## ##", "0475 ## ## ##", "02 ### ## ##",
    "+41 79 ### ## ##", "079 ### ## ##", "044 ### ## ##", "+43 660 #######", "0660 #######", "01/### ## ##",
    "+46 70 ### ## ##", "070-### ## ##", "08-### ### ##", "+47 4## ## ###", "4## ## ###", "+45 ## ## ## ##",
    "+358 40 #######", "040 #######", "+48 6## ### ###", "6## ### ###", "2# ### ## ##", "+420 6## ### ###",
    "+36 30 ### ####", "06 30 ### ####", "+30 69# ### ####", "+351 9## ### ###", "9## ### ###", "+353 8# ### ####",
    "+7 (9##) ###-##-##", "8 (9##) ###-##-##", "8 9## ###-##-##", "+90 5## ### ## ##", "0532 ### ## ##",
    "+91 9#### #####", "9#### #####", "+86 13# #### ####", "13# #### ####", "+81 90-####-####", "090-####-####",
    "03-####-####", "+82 10-####-####", "010-####-####", "+61 4## ### ###", "04## ### ###", "(02) 9### ####",
    "+64 21 ### ####", "021 ### ####", "+55 11 9####-####", "(11) 9####-####", "11 9####-####",
    "+52 55 #### ####", "55 #### ####", "+27 82 ### ####", "082 ### ####", "+972 50-###-####", "050-###-####",
    "+971 50 ### ####", "050 ### ####", "+234 80# ### ####", "080# ### ####", "+65 #### ####", "+852 #### ####",
)  # fmt: skip
"""National and international forms of 40 countries; # is a digit."""
ANNOUNCED = ("call 2## ####", "Tel: #######", "phone: ### ####", "mobile ########", "手机 13#########",
             "tlf. ## ## ## ##", "WhatsApp ##########", "fax ######")  # fmt: skip
"""Forms that are telephone numbers by the word before them only."""


class Identifier(NamedTuple):
    """An identifier with what stands before it."""

    kind: PersonalKind
    text: str
    before: str = ""


def drawn(random: np.random.Generator, alphabet: str, length: int) -> str:
    """Return so many characters of an alphabet."""
    return "".join(alphabet[int(place)] for place in random.integers(0, len(alphabet), length))


def one_of(random: np.random.Generator, options: tuple[str, ...]) -> str:
    """Return one of these."""
    return options[int(random.integers(len(options)))]


def filled(random: np.random.Generator, form: str) -> str:
    """Return a form with digits, the first of which is no 0."""
    return "".join(
        drawn(random, "23456789" if not place or form[place - 1] in " (" else string.digits, 1)
        if character == "#"
        else character
        for place, character in enumerate(form)
    )


def mail(random: np.random.Generator) -> Identifier:
    name = one_of(random, WORDS) + drawn(
        random, string.ascii_lowercase + string.digits, int(random.integers(0, 8))
    )
    return Identifier("mail", f"{name}@{one_of(random, DOMAINS)}")


def phone(random: np.random.Generator) -> Identifier:
    if random.random() < 0.15:
        before, _, form = one_of(random, ANNOUNCED).partition(" ")
        return Identifier("phone", filled(random, form), f"{before} ")
    return Identifier("phone", filled(random, one_of(random, PHONES)))


def iban_of(random: np.random.Generator, *, wrong: int = 0) -> str:
    """Return an IBAN of any country, with its check digits (ISO 13616) wrong by so much."""
    country = sorted(IBAN_LENGTHS)[int(random.integers(len(IBAN_LENGTHS)))]
    own = drawn(random, string.digits, IBAN_LENGTHS[country] - 4)
    if random.random() < 0.3:
        own = drawn(random, string.ascii_uppercase, 4) + own[4:]
    digits = "".join(str(int(character, 36)) for character in f"{own}{country}00")
    check = (98 - int(digits) % 97 + wrong - 2) % 97 + 2
    return f"{country}{check:02d}{own}"


def in_fours(text: str, gap: str) -> str:
    """Return a text in groups of four."""
    return gap.join(text[start : start + 4] for start in range(0, len(text), 4))


def iban(random: np.random.Generator) -> Identifier:
    text = iban_of(random)
    form = int(random.integers(4))
    return Identifier("iban", (text, in_fours(text, " "), text.lower(), in_fours(text, "\u00a0"))[form])


def luhn(digits: str) -> str:
    """Return the check digit of these digits (Luhn, ISO/IEC 7812)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def card_of(random: np.random.Generator, *, wrong: int = 0) -> str:
    """Return the number of a card, with its last digit wrong by so much."""
    start, length = (
        ("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("34", 15), ("37", 15), ("36", 14), ("6011", 16),
        ("35", 16), ("62", 16), ("62", 19), ("5018", 16), ("6304", 13), ("4", 13), ("4", 19), ("2200", 16),
    )[int(random.integers(16))]  # fmt: skip
    own = start + drawn(random, string.digits, length - len(start) - 1)
    if wrong and length == 19 and luhn(own[:15]) == own[15]:  # its first sixteen digits would be a card
        own = own[:15] + str((int(own[15]) + 1) % 10) + own[16:]
    return own + str((int(luhn(own)) + wrong) % 10)


def card_form(random: np.random.Generator, number: str) -> str:
    """Return the number of a card as people write it."""
    gap = one_of(random, (" ", "-", "\u00a0", ""))
    if len(number) == 15:
        return gap.join((number[:4], number[4:10], number[10:]))
    if len(number) == 14:
        return gap.join((number[:4], number[4:10], number[10:]))
    return in_fours(number, gap)


def card(random: np.random.Generator) -> Identifier:
    return Identifier("card", card_form(random, card_of(random)))


def address(random: np.random.Generator) -> Identifier:
    if random.random() < 0.5:
        parts = [str(int(part)) for part in random.integers(1, 255, 4)]
        return Identifier("ip", ".".join(["203" if parts[0] == "127" else parts[0], *parts[1:]]))
    groups = [f"{int(part):x}" for part in random.integers(0x1000, 0xFFFF, 8)]
    groups[0] = "2001"
    form = int(random.integers(3))
    if form == 1:
        return Identifier("ip", f"{':'.join(groups[:3])}::{':'.join(groups[6:])}")
    return Identifier("ip", ":".join(groups).upper() if form else ":".join(groups))


def social_security(random: np.random.Generator) -> Identifier:
    return Identifier(
        "ssn", f"{random.integers(100, 665)}-{random.integers(10, 99)}-{random.integers(1000, 9999)}"
    )


def _packed(random: np.random.Generator, value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def key_of(random: np.random.Generator) -> str:
    """Return a key of one of the usual forms."""
    letters, hexes = string.ascii_letters + string.digits, string.digits + "abcdef"
    upper = string.ascii_uppercase + string.digits
    forms: tuple[Callable[[], str], ...] = (
        lambda: "sk-" + drawn(random, letters, 48),
        lambda: "sk-proj-" + drawn(random, letters + "_-", 90) + "A",
        lambda: "sk-ant-api03-" + drawn(random, letters + "_-", 80) + "A",
        lambda: "AKIA" + drawn(random, upper, 16),
        lambda: "ASIA" + drawn(random, upper, 16),
        lambda: "ghp_" + drawn(random, letters, 36),
        lambda: "github_pat_" + drawn(random, letters, 22) + "_" + drawn(random, letters, 59),
        lambda: "glpat-" + drawn(random, letters, 20),
        lambda: "xoxb-" + drawn(random, string.digits, 12) + "-" + drawn(random, letters, 24),
        lambda: "AIza" + drawn(random, letters, 35),
        lambda: "ya29." + drawn(random, letters + "_-", 60) + "A",
        lambda: "sk_live_" + drawn(random, letters, 24),
        lambda: "SG." + drawn(random, letters, 22) + "." + drawn(random, letters, 43),
        lambda: "AC" + drawn(random, hexes, 32),
    )  # fmt: skip
    return forms[int(random.integers(len(forms)))]()


def token_of(random: np.random.Generator) -> str:
    """Return a token, or the block of a private key."""
    letters, hexes = string.ascii_letters + string.digits, string.digits + "abcdef"
    forms: tuple[Callable[[], str], ...] = (
        lambda: "npm_" + drawn(random, letters, 36),
        lambda: "pypi-AgEIcHlwaS5vcmc" + drawn(random, letters, 60),
        lambda: "hf_" + drawn(random, string.ascii_letters, 34),
        lambda: "dapi" + drawn(random, hexes, 32),
        lambda: "shpat_" + drawn(random, hexes, 32),
        lambda: drawn(random, "123456789", 10) + ":AA" + drawn(random, letters, 33),
        lambda: "gsk_" + drawn(random, letters, 52),
        lambda: "hvs." + drawn(random, letters, 90),
        lambda: ".".join(
            (_packed(random, {"alg": "HS256"}), _packed(random, {"sub": drawn(random, letters, 9)}), drawn(random, letters, 43))
        ),
        lambda: "-----BEGIN {0} KEY-----\n{1}\n{2}\n-----END {0} KEY-----".format(
            one_of(random, ("PRIVATE", "RSA PRIVATE", "EC PRIVATE", "OPENSSH PRIVATE", "ENCRYPTED PRIVATE")),
            drawn(random, letters + "+/", 64),
            drawn(random, letters + "+/", 30) + "==",
        ),
    )  # fmt: skip
    return forms[int(random.integers(len(forms)))]()


def secret(random: np.random.Generator) -> Identifier:
    letters, hexes = string.ascii_letters + string.digits, string.digits + "abcdef"
    named = (
        ("Authorization: Bearer ", drawn(random, letters, 40) + "7a9"),
        ("api_key=", drawn(random, hexes, 32) + "1a2"),
        ("AWS_SECRET_ACCESS_KEY=", drawn(random, letters + "/+", 37) + "4x9"),
        ("password: ", drawn(random, string.ascii_letters, 7) + "!9z"),
        ("postgres://app:", drawn(random, letters, 12) + "1"),
    )
    if random.random() < 0.15:
        before, text = named[int(random.integers(len(named)))]
        return Identifier("key", text + ("@db:5432/x" if "://" in before else ""), before)
    return Identifier("key", (key_of if random.random() < 0.6 else token_of)(random))


KINDS = (mail, phone, iban, card, address, social_security, secret)


def identifiers(number: int, seed: int) -> Iterator[tuple[Identifier, str]]:
    """Yield so many right identifiers, each with a text that holds it."""
    random = np.random.default_rng(seed)
    for turn in range(number):
        found = KINDS[turn % len(KINDS)](random)
        yield found, one_of(random, SENTENCES).format(found.before + found.text)


def wrong_numbers(number: int, seed: int) -> Iterator[str]:
    """Yield texts with a number that has the form of an account, a card or an address and is none."""
    random = np.random.default_rng(seed)
    for turn in range(number):
        wrong = int(random.integers(1, 10))
        made = (
            lambda: iban_of(random, wrong=wrong),  # noqa: B023 - called at once
            lambda: in_fours(iban_of(random, wrong=wrong), " "),  # noqa: B023 - called at once
            lambda: card_form(random, card_of(random, wrong=wrong)),  # noqa: B023 - called at once
            lambda: card_of(random, wrong=wrong),  # noqa: B023 - called at once
            lambda: ".".join(["256", *(str(int(part)) for part in random.integers(256, 999, 3))]),
        )[turn % 5]()
        yield one_of(random, SENTENCES).format(made)
