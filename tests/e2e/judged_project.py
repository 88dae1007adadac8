"""A project whose replies were judged by simulated judges, and people who know the truth."""

import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.served import passmuster, simulator

from passmuster.project.judge.calibrate import CalibrateWish, Calibrating
from passmuster.project.load import load_project
from passmuster.records.rating import reply_digest
from passmuster.records.trial import Reply
from passmuster.workflows.judge.padding import padded

CASES = 150
SHARES = {"alpha": 0.75, "beta": 0.55}
"""How often each candidate is right."""

MODELS = {"alpha": "gpt-4o-mini", "beta": "claude-3-5-haiku-latest"}
"""What each candidate is: a judge of a kindred model is known by its name."""

ASKED = "rubric: {"
"""Where the options of a metric say what is asked."""

WORDS = [
    "the",
    "order",
    "was",
    "sent",
    "on",
    "Monday",
    "and",
    "its",
    "fee",
    "is",
    "paid",
    "back",
    "in",
    "ten",
    "days",
]


def texts(seed: int = 3) -> Iterator[tuple[str, str, str, bool]]:
    """Yield case, candidate, reply and whether it is right; how long a reply is says nothing of that."""
    rng = random.Random(seed)  # noqa: S311 - a test's
    for number in range(CASES):
        for name, share in SHARES.items():
            length = rng.choice([4, 8, 16, 32, 64])
            words = " ".join(rng.choice(WORDS) for _ in range(length))
            yield f"{number:03}", name, f"{name} {number}: {words}.", rng.random() < share


def write_project(folder: Path, url: str, judges: Mapping[str, str]) -> None:
    """Write a project with a metric for each judge: its name, and the options of the metric.

    Each has a question of its own, because judges of one question share what people said.
    """
    rows = list(texts())
    cases = [
        {"id": case, "input": f"What became of order {case}?"}
        for case in dict.fromkeys(row[0] for row in rows)
    ]
    outputs = [{"id": case, "candidate": name, "output": text} for case, name, text, _ in rows]
    truths = []
    for case, name, text, right in rows:
        longer = padded(Reply(text=text))
        assert longer is not None
        truths += [
            {"case": case, "text": each, "value": int(right), "candidate": name}
            for each in (text, longer.text)
        ]
    for file, lines in (("cases", cases), ("recorded", outputs), ("truths", truths)):
        (folder / f"{file}.jsonl").write_text(
            "".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8"
        )
    metrics = "".join(
        f"  - {{name: {name}, asks: {name}, {options.replace(ASKED, f'{ASKED}name: {name}, ')}}}\n"
        for name, options in judges.items()
    )
    scorers = "".join(
        f'  - {{name: {name}, provider: openai, model: {name}, base_url: "{url}", prices: {{input: 1, output: 1}}}}\n'
        for name in judges
    )
    candidates = "".join(
        f"  - {{name: {name}, provider: replay, path: recorded.jsonl, model: {MODELS[name]}}}\n"
        for name in SHARES
    )
    (folder / "passmuster.yaml").write_text(
        f"task: orders\ncorpus: {{path: cases.jsonl, use: all}}\nmetrics:\n{metrics}"
        f"candidates:\n{candidates}scorers:\n{scorers}",
        encoding="utf-8",
    )


@contextmanager
def judged(folder: Path, judges: Mapping[str, tuple[str, str]]) -> Iterator[None]:
    """Serve these judges (options of the metric, and how the simulator answers), and have every reply judged."""
    served = [
        f"{{name: {name}, answers: {{kind: judge, truth: truths.jsonl{answers and ', ' + answers}}}}}"
        for name, (_, answers) in judges.items()
    ]
    options = {name: each for name, (each, _) in judges.items()}
    write_project(folder, "http://127.0.0.1:1/v1", options)
    with simulator(folder, *served) as endpoint:
        write_project(folder, endpoint.base_url, options)
        for verb in ("run", "score"):
            done = passmuster(folder, verb, "--quiet", *(["--yes"] if verb == "score" else []))
            assert done.returncode in {0, 4}, done.stderr
        yield


def rate(
    folder: Path, metric: str, rater: str = "ana", wrong: Callable[[str], bool] = lambda _text: False
) -> int:
    """Have a person rate what waits for this metric, as the truth is but where they are `wrong`; return how many."""
    right = {reply_digest(Reply(text=text)): (text, good) for _, _, text, good in texts()}

    def said(reply: str) -> int:
        text, good = right[reply]
        return int(good != wrong(text))

    seen = {
        (row["case"], row.get("reply") or row["first"]) for row in _rows(folder) if row["metric"] == metric
    }
    lines: dict[str, list[dict[str, Any]]] = {"ratings": [], "choices": []}
    for draw in _read(folder / "draws.jsonl"):
        for item in draw["items"] if draw["metric"] == metric else ():
            if (item["case"], item["reply"]) in seen:
                continue
            known = {
                "case": item["case"],
                "metric": metric,
                "rater": rater,
                "kind": "human",
                "draw": draw["id"],
                "time": draw["time"],
            }
            if "second" in item:
                gap = said(item["reply"]) - said(item["second"])
                known |= {
                    "first": item["reply"],
                    "second": item["second"],
                    "chosen": ("second", "tie", "first")[gap + 1],
                }
                lines["choices"].append(known)
            else:
                lines["ratings"].append({**known, "reply": item["reply"], "value": said(item["reply"])})
    for name, own in lines.items():
        with (folder / f"{name}.jsonl").open("a", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(line)}\n" for line in own)
    return sum(map(len, lines.values()))


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    for name in ("ratings", "choices"):
        yield from _read(folder / f"{name}.jsonl")


def _read(path: Path) -> Iterable[dict[str, Any]]:
    return (
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []
    )


def calibrate(folder: Path, metric: str, *more: str) -> tuple[int, dict[str, Any]]:
    """Run `judge calibrate`; return its exit code and what it found."""
    done = passmuster(folder, "judge", "calibrate", "--metric", metric, "--json", *more)
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, found


def calibrated(folder: Path, metric: str, labels: int, *more: str) -> tuple[int, dict[str, Any]]:
    """Calibrate a judge to the end: people rate whatever is drawn for them, and then the command says what it finds."""
    rated_by_people(folder, metric, labels)
    code, found = calibrate(folder, metric, "--labels", str(labels), *more)
    assert not found["waiting"], "all that is drawn was rated"
    return code, found


def rated_by_people(folder: Path, metric: str, labels: int) -> None:
    """Have replies drawn until there are so many of each candidate, and rated; in this process, which spares seconds."""
    project = load_project(folder, environment={})
    wish = CalibrateWish(metric=metric, labels=labels)
    while Calibrating(project, wish).draw() is not None:
        assert rate(folder, metric), "what was drawn cannot be rated"
