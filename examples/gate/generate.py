"""Makes the cases and the recorded answers of this example, always the same ones; `reports/` is made by `make_baseline.sh`.

The answers stand in for those of a model, so that the example runs without a key. Three versions of one assistant:

- `v1`: in production;
- `v2`: a new prompt that gets a few more right, and nothing wrong that a regression case guards;
- `v3`: a prompt that is shorter, and takes refunds in the chat for technical questions; it is slower, too.
"""

import json
import random
from pathlib import Path

HERE = Path(__file__).parent
SEED = 20260922
CASES = 480

TEAMS = {
    "billing": (
        "I was charged {n} euros twice",
        "my invoice {n} shows the wrong address",
        "a refund for order {n}",
    ),
    "technical": ("error {n} when I save", "the app stops at step {n}", "the page {n} does not load"),
    "account": (
        "I cannot log in since day {n}",
        "please change the email of user {n}",
        "delete my profile {n}",
    ),
    "delivery": ("parcel {n} never came", "order {n} went to a neighbour", "the box of order {n} was open"),
}
GREETINGS = {"email": "Dear support team, {text}. Kind regards", "chat": "hi, {text}"}
GUARDED = (
    ("refund-in-chat", "hi, i want my money back for order 77", "billing", "chat"),
    ("refund-in-chat", "hello, refund please, order 12", "billing", "chat"),
    (
        "two-questions",
        "Dear support team, parcel 5 never came, and the app shows error 3",
        "delivery",
        "email",
    ),
    ("two-questions", "hi, order 8 went to a neighbour and i cannot log in", "delivery", "chat"),
)


def cases() -> list[dict[str, object]]:
    """Return the cases: production traffic, and four failures of the past that must not come back."""
    draw = random.Random(SEED)  # noqa: S311 - nothing here is a secret
    rows: list[dict[str, object]] = []
    for number in range(CASES):
        team = draw.choice(list(TEAMS))
        channel = "email" if draw.random() < 0.6 else "chat"
        text = draw.choice(TEAMS[team]).format(n=number + 1)
        rows.append(
            {
                "id": f"t{number + 1:03}",
                "input": GREETINGS[channel].format(text=text),
                "reference": team,
                "stratum": channel,
            }
        )
    for number, (mode, text, team, channel) in enumerate(GUARDED, 1):
        rows.append(
            {
                "id": f"r{number}",
                "input": text,
                "reference": team,
                "stratum": channel,
                "category": "regression",
                "mode": mode,
            }
        )
    return rows


def answer(case: dict[str, object], version: str, luck: float) -> str:
    """Return what a version says: `luck` is the case's own, so that versions agree where nothing was changed."""
    right, teams = str(case["reference"]), list(TEAMS)
    other = teams[(teams.index(right) + 1) % len(teams)]
    if case.get("category") == "regression":
        return "technical" if version == "v3" and case["mode"] == "refund-in-chat" else right
    if version == "v3" and "refund" in str(case["input"]) and case["stratum"] == "chat":
        return "technical"
    wrong = {"v1": luck < 0.10, "v2": luck < 0.075 or luck > 0.995, "v3": luck < 0.10}[version]
    return other if wrong else right


def recording(version: str, rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return the answers of a version with times and tokens."""
    lucks = random.Random(SEED + 1)  # noqa: S311 - as above
    times = random.Random(f"{SEED} {version}")  # noqa: S311 - as above
    slower = 1.35 if version == "v3" else 1.0
    told = []
    for case in rows:
        luck, own = lucks.random(), lucks.lognormvariate(-0.5, 0.25)
        told.append(
            {
                "id": case["id"],
                "output": answer(case, version, luck),
                "latency_s": round(own * slower * times.lognormvariate(0.0, 0.05), 3),
                "input_tokens": 60 + len(str(case["input"])) // 4,
                "output_tokens": 3,
            }
        )
    return told


def write(path: Path, rows: list[dict[str, object]]) -> None:
    """Write rows as JSONL."""
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    every = cases()
    write(HERE / "cases.jsonl", every)
    for name in ("v1", "v2", "v3"):
        write(HERE / "recorded" / f"{name}.jsonl", recording(name, every))
