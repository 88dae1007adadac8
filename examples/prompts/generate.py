"""Writes cases.jsonl: 900 made-up messages to a shop, each with the team that it belongs to."""

import json
import random
from pathlib import Path

OPENINGS = ["Hello,", "Hi there,", "Good morning,", "To whom it may concern:", "Hey,", "Dear team,", ""]
WHO = ["my sister", "my father", "our office", "a neighbour", "my flatmate", "the school", "a colleague"]
THINGS = [
    "kettle",
    "desk lamp",
    "rucksack",
    "headset",
    "bicycle pump",
    "coffee mill",
    "rain jacket",
    "monitor",
]
WHEN = [
    "last Monday",
    "two weeks ago",
    "on the third",
    "yesterday evening",
    "in the spring",
    "before the weekend",
]
ENDINGS = ["Please look into it.", "What can you do?", "I wait for your answer.", "Thanks in advance.", ""]
TEAMS = {
    "delivery": [
        "the {thing} ordered {when} for {who} has not come, and the tracking page stands still",
        "the courier left the {thing} at the wrong house {when}, says {who}",
    ],
    "refund": [
        "I sent the {thing} back {when} and {who} still waits for the money",
        "the {thing} broke {when}; {who} would like to have the price returned",
    ],
    "account": [
        "since {when} nobody can sign in, neither I nor {who}, to look at the order of a {thing}",
        "the address of {who} was changed {when} without asking, and the {thing} is on its way to it",
    ],
    "billing": [
        "the card of {who} was charged twice {when} for one {thing}",
        "the invoice of {when} names {who} although I have paid for the {thing} myself",
    ],
}


def main() -> None:
    """Write the file beside this one; the same every time."""
    rng = random.Random(8)  # noqa: S311 - made-up texts are no secret
    rows: dict[str, dict[str, str]] = {}
    while len(rows) < 900:
        team = rng.choice(list(TEAMS))
        said = rng.choice(TEAMS[team]).format(
            thing=rng.choice(THINGS), when=rng.choice(WHEN), who=rng.choice(WHO)
        )
        order = f"Order {rng.randrange(10_000, 99_999)}."
        text = " ".join(filter(None, (rng.choice(OPENINGS), said + ".", order, rng.choice(ENDINGS))))
        rows.setdefault(text, {"id": f"m{len(rows)}", "input": text, "reference": team, "stratum": team})
    lines = (json.dumps(row) + "\n" for row in rows.values())
    (Path(__file__).parent / "cases.jsonl").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
