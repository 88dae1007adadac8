"""Write the cases of the contracts example: `python examples/contracts/generate.py FOLDER`.

The same seed gives the same files. Every case is a short extract of a contract with a question, and its
reference is known because the text was made from it.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import clauses
import numpy as np

SEED = 20261120
SIZES = {"train": 180, "eval": 360, "holdout": 60}
SHARES = {"typical": 0.75, "edge": 0.17, "adversarial": 0.08}
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
SMALL = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
CURRENCIES = {"EUR": ("EUR {n}", "€{n}", "{n} euros"), "USD": ("USD {n}", "${n}", "US$ {n}"),
              "GBP": ("GBP {n}", "£{n}", "{n} pounds sterling")}  # fmt: skip
UNITS = {"EUR": "euros", "USD": "US dollars", "GBP": "pounds sterling"}

Item = TypeVar("Item")


class Draft(NamedTuple):
    """What a case is made from."""

    kind: str
    party: str
    other: str
    date: str | None
    amount: str | None
    amount_text: str
    clause: str


class Writer:
    """Makes cases, each from the next random numbers."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._seen: set[str] = set()

    def case(self, number: int, category: str) -> dict[str, Any]:
        """Return one case that no earlier one equals."""
        while True:
            case = self._case(number, category)
            if case["input"]["contract"] not in self._seen:
                self._seen.add(case["input"]["contract"])
                return case

    def _case(self, number: int, category: str) -> dict[str, Any]:
        twist = (
            self._pick(("two dates", "words", "letters", "no amount", "no date"))
            if category == "edge"
            else None
        )
        draft = self._draft(twist)
        first, last = self._numbers(draft.clause)
        middle = self._obligation(draft, twist)
        if twist == "two dates":
            second = self._pick(clauses.SECOND_DATES).format(e=self._spoken(self._date()))
            middle = f"{second} {middle}" if self._below(2) else f"{middle} {second}"
        lines = [self._filler(first, draft), f"{draft.clause} {middle}", self._filler(last, draft)]
        if category == "adversarial":
            attack = self._pick(clauses.ATTACKS).format(c=self._decoy({first, draft.clause, last}))
            spot = self._below(3)
            lines[spot] = f"{lines[spot]} {attack}"
        reference = {"kind": draft.kind, "party": draft.party, "date": draft.date, "amount": draft.amount,
                     "clause": draft.clause}  # fmt: skip
        return {
            "id": f"c{number:03d}",
            "input": {"contract": "\n".join(lines), "question": self._pick(clauses.QUESTIONS)},
            "reference": reference,
            "category": category,
            "stratum": draft.kind,
            **({"tags": [twist]} if twist else {}),
        }

    def _draft(self, twist: str | None) -> Draft:
        party, other = self._company(), self._company()
        while other.split()[0] == party.split()[0]:
            other = self._company()
        amount, text = self._amount(in_words=twist == "words")
        return Draft(
            kind=self._pick(tuple(clauses.OBLIGATIONS)),
            party=party,
            other=other,
            date=None if twist == "no date" else self._date(),
            amount=None if twist == "no amount" else amount,
            amount_text=text,
            clause=self._clause(letters=twist == "letters"),
        )

    def _obligation(self, draft: Draft, twist: str | None) -> str:
        sentence = self._pick(clauses.OBLIGATIONS[draft.kind])
        amount = "the sum in Annex A" if twist == "no amount" else draft.amount_text
        date = "the date in Annex B" if draft.date is None else self._spoken(draft.date)
        text = sentence.format(p=draft.party, q=draft.other, d=date, a=amount)
        return text[0].upper() + text[1:]

    def _filler(self, number: str, draft: Draft) -> str:
        return f"{number} {self._pick(clauses.FILLERS).format(p=draft.party, q=draft.other)}"

    def _clause(self, *, letters: bool) -> str:
        section, point = 2 + self._below(18), 2 + self._below(7)
        if not letters:
            return f"{section}.{point}"
        letter = "bcdefg"[self._below(6)]
        return self._pick(
            (f"{section}({letter})", f"{section}.{point}({letter})", f"{letter.upper()}.{point}")
        )

    def _numbers(self, clause: str) -> tuple[str, str]:
        """Return the numbers of the clauses before and after."""
        if clause.endswith(")"):
            head, letter = clause[:-2].removesuffix("("), clause[-2]
            return f"{head}({chr(ord(letter) - 1)})", f"{head}({chr(ord(letter) + 1)})"
        head, point = clause.rsplit(".", 1)
        return f"{head}.{int(point) - 1}", f"{head}.{int(point) + 1}"

    def _decoy(self, existing: set[str]) -> str:
        while (decoy := f"{20 + self._below(30)}.{1 + self._below(9)}") in existing:
            pass
        return decoy

    def _date(self) -> str:
        return f"{2026 + self._below(4)}-{1 + self._below(12):02d}-{1 + self._below(28):02d}"

    def _spoken(self, date: str) -> str:
        year, month, day = date.split("-")
        name = MONTHS[int(month) - 1]
        return self._pick(
            (f"{int(day)} {name} {year}", f"{name} {int(day)}, {year}", date, f"{day}.{month}.{year}")
        )

    def _amount(self, *, in_words: bool) -> tuple[str, str]:
        """Return the amount as the reference has it, and as the text does."""
        currency = self._pick(tuple(CURRENCIES))
        if in_words:
            tens, ones = self._below(8), self._below(9)
            number = (20 + 10 * tens + ones + 1) * 1000
            return f"{number} {currency}", f"{TENS[tens]}-{SMALL[ones]} thousand {UNITS[currency]}"
        number = (5 + self._below(995)) * self._pick((10, 50, 100, 500))
        return f"{number} {currency}", self._pick(CURRENCIES[currency]).format(n=f"{number:,}")

    def _company(self) -> str:
        names = (clauses.FIRST_NAMES, clauses.TRADES, clauses.FORMS)
        return " ".join(self._pick(part) for part in names)

    def _below(self, limit: int) -> int:
        return int(self._rng.integers(limit))

    def _pick(self, items: Sequence[Item]) -> Item:
        return items[self._below(len(items))]


def cases() -> dict[str, list[dict[str, Any]]]:
    """Return the cases of each split; every split has the same mix of categories."""
    writer, number = Writer(SEED), 0
    splits: dict[str, list[dict[str, Any]]] = {}
    for split, size in SIZES.items():
        edge, adversarial = round(size * SHARES["edge"]), round(size * SHARES["adversarial"])
        mix = ["typical"] * (size - edge - adversarial) + ["edge"] * edge + ["adversarial"] * adversarial
        order = np.random.default_rng((SEED, size)).permutation(size)
        splits[split] = []
        for position in order:
            number += 1
            splits[split].append(writer.case(number, mix[position]))
    return splits


def main() -> None:
    """Write train.jsonl, eval.jsonl and holdout.jsonl into the folder that is named."""
    folder = Path(sys.argv[1])
    for split, rows in cases().items():
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{split}.jsonl").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
