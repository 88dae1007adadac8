"""The tools that are compared: how each is told to make the same calls, and how it reports what was right."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from processes import HERE, version

ENVIRONMENTS = Path(os.environ.get("BENCH_ENVIRONMENTS", Path.home() / ".cache" / "passmuster-bench"))
OWN = str(Path(sys.executable).parent / "passmuster")
BARE = ("aiohttp", "pyreqwest", "httpx", "openai", "litellm")
PROJECT = """\
task: bench
corpus: {{path: {cases}, use: all}}
metrics: [exact_match]
candidates:
  - {{name: mock, provider: openai, model: mock, base_url: "{base}", concurrency: {concurrency},
     prices: {{input: 1, output: 2}}, parameters: {{max_tokens: 16, temperature: 0}}}}
"""
LM_EVAL = """\
task: codes
dataset_path: json
dataset_kwargs: {{data_files: {{test: {cases}}}}}
test_split: test
output_type: generate_until
doc_to_text: "{{{{input}}}}"
doc_to_target: "{{{{reference}}}}"
generation_kwargs: {{max_gen_toks: 16, temperature: 0.0}}
metric_list: [{{metric: exact_match, aggregation: mean, higher_is_better: true}}]
metadata: {{version: 1.0}}
"""
PROMPTFOO = """\
prompts: ["{{{{input}}}}"]
providers:
  - id: openai:chat:mock
    config: {{apiBaseUrl: "{base}", apiKey: x, max_tokens: 16, temperature: 0}}
tests: file://tests.jsonl
"""


@dataclass(frozen=True)
class Setting:
    """What all are asked to do."""

    cases: Path
    number: int
    concurrency: int
    base: str
    folder: Path

    def filled(self, text: str) -> str:
        """Fill in the values."""
        return text.format(cases=self.cases, concurrency=self.concurrency, base=self.base, folder=self.folder)


@dataclass(frozen=True)
class Peer:
    """A tool: its command with {cases}, {concurrency}, {base} and {folder}, and how it reports the share that is right.

    `start` is what it does without any work, `after` a second command that its results come from, and `exits` are
    the codes that it ends with when all went well.
    """

    name: str
    command: Sequence[str]
    start: Sequence[str]
    right: str = r"right ([\d.]+)"
    files: Mapping[str, str] = field(default_factory=dict)
    copied: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    after: Sequence[str] = ()
    exits: Sequence[int] = (0,)

    @property
    def program(self) -> Path:
        """The program that is run."""
        return Path(self.command[0])

    def prepare(self, setting: Setting) -> dict[str, str]:
        """Write what it needs into the folder, and return its environment."""
        for name, text in self.files.items():
            (setting.folder / name).write_text(setting.filled(text), encoding="utf-8")
        for name in self.copied:
            text = (HERE / "peers" / name).read_text(encoding="utf-8")
            (setting.folder / name).write_text(text, encoding="utf-8")
        if self.name == "promptfoo":
            _write_promptfoo_tests(setting)
        return {name: setting.filled(value) for name, value in self.environment.items()}


def peers() -> list[Peer]:
    """Return all that this benchmark knows, the base of the ratios first."""
    return [
        _bare("aiohttp"),
        _passmuster(),
        *map(_bare, BARE[1:]),
        _inspect(),
        _lm_eval(),
        _deepeval(),
        _promptfoo(),
    ]


def _passmuster() -> Peer:
    return Peer(
        "passmuster",
        [OWN, "run", "-q", "--yes"],
        start=[OWN, "--help"],
        right=r'"value": ([\d.]+)',
        files={"passmuster.yaml": PROJECT},
        after=[OWN, "compare", "--json", "-q"],
    )


def _bare(client: str) -> Peer:
    """Return a bare loop over a client library, which keeps nothing."""
    python = str(ENVIRONMENTS / client / "bin" / "python")
    if client == "aiohttp" and not Path(python).exists():
        python = sys.executable
    return Peer(
        client,
        [python, str(HERE / "peers" / "bare.py"), client, "{cases}", "{concurrency}", "{base}"],
        start=[python, "-c", "import pyreqwest.client" if client == "pyreqwest" else f"import {client}"],
        # pyreqwest's threads may abort the interpreter once all is done.
        exits=(0, -6) if client == "pyreqwest" else (0,),
    )


def _inspect() -> Peer:
    program = str(ENVIRONMENTS / "inspect-ai" / "bin" / "inspect")
    model = ["--model", "openai/mock", "-M", "responses_api=false", "--max-connections", "{concurrency}"]
    asked = ["--max-tokens", "16", "--temperature", "0"]
    return Peer(
        "inspect-ai",
        # It takes no absolute path of a task.
        [
            program,
            "eval",
            "inspect_task.py",
            *model,
            *asked,
            "--display",
            "plain",
            "--log-dir",
            "{folder}/logs",
        ],
        start=[program, "--help"],
        right=r"(?:accuracy|mean)\D+([\d.]+)",
        copied=("inspect_task.py",),
        environment={"BENCH_CASES": "{cases}", "OPENAI_BASE_URL": "{base}"},
    )


def _lm_eval() -> Peer:
    program = str(ENVIRONMENTS / "lm-eval" / "bin" / "lm_eval")
    model = "model=mock,base_url={base}/chat/completions,num_concurrent={concurrency},max_retries=3"
    task = ["--tasks", "codes", "--include_path", "{folder}", "--apply_chat_template"]
    kept = ["--log_samples", "--output_path", "{folder}/out"]
    return Peer(
        "lm-eval",
        [program, "run", "--model", "local-chat-completions", "--model_args", model, *task, *kept],
        start=[program, "--help"],
        right=r"exact_match\|.*?\|\s*([\d.]+)\|",
        files={"codes.yaml": LM_EVAL},
        # Else its copy of the cases would come from the run before.
        environment={"HF_DATASETS_CACHE": "{folder}/datasets"},
    )


def _deepeval() -> Peer:
    folder = ENVIRONMENTS / "deepeval" / "bin"
    words = [
        str(folder / "python"),
        str(HERE / "peers" / "deepeval_run.py"),
        "{cases}",
        "{concurrency}",
        "{base}",
    ]
    return Peer("deepeval", words, start=[str(folder / "deepeval"), "--help"])


def _promptfoo() -> Peer:
    program = str(ENVIRONMENTS / "promptfoo" / "node_modules" / ".bin" / "promptfoo")
    shown = ["--no-cache", "--no-table", "--no-progress-bar"]
    return Peer(
        "promptfoo",
        [
            program,
            "eval",
            "-c",
            "{folder}/config.yaml",
            "-j",
            "{concurrency}",
            *shown,
            "-o",
            "{folder}/out.json",
        ],
        start=[program, "--help"],
        right=r"(\d[\d,]*) passed",
        files={"config.yaml": PROMPTFOO},
        environment={"PROMPTFOO_CONFIG_DIR": "{folder}/home"},
        exits=(100,),  # some tests failed, as they should
    )


def write_cases(path: Path, number: int) -> None:
    """Write so many cases; the endpoint knows their codes, and gives a wrong one for every tenth."""
    with path.open("w", encoding="utf-8") as stream:
        for n in range(number):
            row = {
                "id": f"{n:06}",
                "input": f"What is the code of item {n:06}? Reply with the code only.",
                "reference": f"A{n:06}",
            }
            stream.write(json.dumps(row) + "\n")


def expected(number: int) -> float:
    """Return the share of so many cases that the endpoint answers right."""
    return 1 - len(range(0, number, 10)) / number


def _write_promptfoo_tests(setting: Setting) -> None:
    with (setting.folder / "tests.jsonl").open("w", encoding="utf-8") as stream:
        for line in setting.cases.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            same = {"type": "equals", "value": row["reference"]}
            stream.write(json.dumps({"vars": {"input": row["input"]}, "assert": [same]}) + "\n")


def chosen_peers(names: str | None) -> list[Peer]:
    """Return the installed tools, or those of these names (with commas between them) that are.

    Raises:
        ValueError: for a name that is no tool's.
    """
    known = {peer.name: peer for peer in peers()}
    wanted = list(known) if names is None else names.split(",")
    if unknown := [name for name in wanted if name not in known]:
        message = f"no tool is called {', '.join(unknown)}; there are {', '.join(known)}"
        raise ValueError(message)
    for name in wanted:
        if not known[name].program.exists():
            print(f"not installed: {name} ({known[name].program})", file=sys.stderr)
    return [peer for name, peer in known.items() if name in wanted and peer.program.exists()]


def versions(chosen: Sequence[Peer]) -> str:
    """Say in a line which versions these are."""
    return f"Versions: {', '.join(f'{peer.name} {version(peer.program, peer.name)}' for peer in chosen)}."
