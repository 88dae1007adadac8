"""promptfoo's tests: configurations, lists of tests in YAML, JSON, JSONL and CSV."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from math import prod
from typing import NamedTuple

from passmuster.adapters.ingest.formats.chats import input_of
from passmuster.adapters.ingest.formats.fields import (
    LONGEST_LABEL,
    as_object,
    decoded,
    label,
    name_from,
    objects,
    sayable,
)
from passmuster.adapters.ingest.formats.format import Format, Found, MappingError, NotCarried, Step
from passmuster.adapters.ingest.formats.promptfoo_csv import is_row, row_test
from passmuster.adapters.ingest.formats.promptfoo_files import promptfoo_rows
from passmuster.adapters.ingest.formats.templates import filled
from passmuster.records.case import Case, Expect
from passmuster.records.digest import canonical
from passmuster.records.record import Json

MOST_COMBINATIONS = 10_000
"""Cases that one test with lists of values may become."""
_EQUAL = frozenset({"equals"})
_LIKE = frozenset(
    {"factuality", "similar", "levenshtein", "rouge-n", "bleu", "meteor", "gleu", "model-graded-factuality"}
)
"""Assertions whose value is a right answer that replies are compared with, other than for equality."""
_LIKE_PREFIXES = ("similar:", "rouge")
_REFUSALS: Mapping[str, Expect] = {"is-refusal": "refusal", "not-is-refusal": "answer"}
_ELSEWHERE: Mapping[str, str] = {
    "latency": "a limit on latency is a bar of the task, not of one case",
    "cost": "a limit on cost is a bar of the task, not of one case",
    "perplexity": "a limit on perplexity has no metric here",
    "is-json": "use the metric json_schema in the task",
    "contains-json": "use the metric json_schema in the task",
    "javascript": "code is not run by an import: write it as a metric of your own",
    "python": "code is not run by an import: write it as a metric of your own",
    "ruby": "code is not run by an import: write it as a metric of your own",
    "webhook": "nothing is asked over the network",
    "llm-rubric": "a rubric is for a judge: put it in the task",
}
_BARE = "it is no equality: use a pattern or a metric of your own in the task"
_PROMPTS = "prompts and providers are candidates: write them in passmuster.yaml"
_RUN_BY = frozenset(
    {"prompts", "providers", "targets", "evaluateOptions", "outputPath", "commandLineOptions", "redteam"}
)


class _Test(NamedTuple):
    body: Mapping[str, Json]
    steps: tuple[Step, ...]


def _recognise(sample: Sequence[Json]) -> str | None:
    for value in sample:
        if not isinstance(value, dict):
            continue
        if "tests" in value and not value.keys().isdisjoint({"prompts", "providers", "targets"}):
            return "it holds `prompts` and `tests`"
        if "vars" in value and not value.keys().isdisjoint({"assert", "description", "options", "metadata"}):
            return "its tests hold `vars` and `assert`"
        if value.keys() == {"vars"} and isinstance(value["vars"], dict):
            return "its tests hold `vars`"
        if is_row(value):
            return "its columns hold `__expected`"
    return None


def _read(value: Json) -> Iterator[Found]:
    held = as_object(value)
    if "tests" not in held and "scenarios" not in held:
        yield from _test(_Test(row_test(held) if is_row(held) else held, ()), {})
        return
    default = held.get("defaultTest")
    default = default if isinstance(default, dict) else {}
    for name in sorted(_RUN_BY & held.keys()):
        yield NotCarried(name, _PROMPTS)
    if held.get("scenarios"):
        yield NotCarried("scenarios", "write their combinations out as tests")
    tests = held.get("tests")
    for index, test in enumerate(tests if isinstance(tests, list) else [tests] if tests else []):
        if isinstance(test, str):
            yield NotCarried("tests in other files", f"{test[:80]} was not read", test[:80])
            continue
        try:
            body = as_object(test, ("tests", index))
            yield from list(_test(_Test(row_test(body) if is_row(body) else body, ("tests", index)), default))
        except MappingError as error:
            yield error


def _test(test: _Test, default: Mapping[str, Json]) -> Iterator[Found]:
    base = default.get("vars")
    own = test.body.get("vars", {})
    if isinstance(own, str):
        message = f"its variables stand in another file, {own[:80]!r}"
        raise MappingError(message, (*test.steps, "vars"))
    given = {**(base if isinstance(base, dict) else {}), **as_object(own, (*test.steps, "vars"))}
    if not given:
        message = "the test has no variables, so it is nothing but the prompt"
        raise MappingError(message, (*test.steps, "vars"))
    notes: list[NotCarried] = []
    combined = _combinations(test, given, default)
    asserts = [*objects(default.get("assert")), *objects(test.body.get("assert"))]
    for values in combined:
        yield from _case(test, values, asserts, notes)
    others = test.body.keys() - {"vars", "assert", "description", "metadata", "options"}
    notes += [
        NotCarried(f"{name!r} of a test", "it says how a test is run, not what is asked")
        for name in sorted(others)
    ]
    where = label(test.body.get("description")) or ""
    yield from (note._replace(where=note.where or where) for note in notes)


def _combinations(test: _Test, given: dict[str, Json], default: Mapping[str, Json]) -> list[dict[str, Json]]:
    """Return what a test with lists of values stands for: each combination of them."""
    options = [each.get("options") for each in (default, test.body)]
    kept = any(isinstance(each, dict) and each.get("disableVarExpansion") for each in options)
    lists = {
        name: value
        for name, value in given.items()
        if isinstance(value, list) and value and not any(isinstance(member, dict) for member in value)
    }
    if kept or not lists:
        return [given]
    number = prod(len(value) for value in lists.values())
    if number > MOST_COMBINATIONS:
        message = f"the lists of values make {number:,} combinations, more than {MOST_COMBINATIONS:,}"
        raise MappingError(message, (*test.steps, "vars"))
    return [{**given, **dict(zip(lists, chosen, strict=True))} for chosen in product(*lists.values())]


def _case(
    test: _Test, values: dict[str, Json], asserts: Sequence[dict[str, Json]], notes: list[NotCarried]
) -> Iterator[Found]:
    metadata = test.body.get("metadata")
    described = label(test.body.get("description"))
    made = input_of(values, (*test.steps, "vars"), notes)
    said = _Said(notes, described or "")
    for each in _flattened(asserts):
        said.take(each, values)
    tags = [*said.tags, *(_tags(metadata) if isinstance(metadata, dict) else ())]
    yield Case(
        id=name_from(values, (*test.steps, "vars")),
        input=made,
        reference=said.reference(),
        tags=tuple(dict.fromkeys(tags)),
        origin="expert",
        expect=said.expect,
    )


def _tags(metadata: Mapping[str, Json]) -> Iterator[str]:
    for name, value in islice(metadata.items(), 20):
        for member in value if isinstance(value, list) else [value]:
            said = label(member) if not isinstance(member, bool) else str(member).lower()
            if said:
                yield f"{name}={said}"[:LONGEST_LABEL]


def _flattened(asserts: Sequence[dict[str, Json]]) -> Iterator[dict[str, Json]]:
    for each in asserts:
        inner = each.get("assert") if each.get("type") == "assert-set" else None
        yield from objects(inner) if inner is not None else (each,)


class _Said:
    """What the assertions of a test say, as far as a case can hold it."""

    def __init__(self, notes: list[NotCarried], where: str) -> None:
        self._notes = notes
        self._where = where
        self._equal: list[Json] = []
        self._like: list[Json] = []
        self.tags: list[str] = []
        self.expect: Expect | None = None

    def reference(self) -> Json:
        """Return the right answer; a list where several are."""
        found = self._equal or self._like
        unique = list({canonical(each): each for each in found}.values())
        return None if not unique else unique[0] if len(unique) == 1 else unique

    def take(self, assertion: Mapping[str, Json], values: Mapping[str, Json]) -> None:
        """Take one assertion along, or note why not."""
        kind = label(assertion.get("type")) or "?"
        value = sayable(filled(assertion.get("value"), values), ("assert", "value"))
        if kind in _EQUAL and value is not None:
            self._equal.append(decoded(value) if isinstance(decoded(value), dict) else value)
        elif kind in _REFUSALS:
            self.expect = _REFUSALS[kind]
        elif (kind in _LIKE or kind.startswith(_LIKE_PREFIXES)) and isinstance(value, str):
            self._like.append(value)
            self.tags.append(f"assert:{kind}")
            self._note(
                kind, "its text is the reference; what is near enough to it is for a metric of the task"
            )
        else:
            self.tags.append(f"assert:{kind}"[:LONGEST_LABEL])
            self._note(kind, _ELSEWHERE.get(kind.removeprefix("not-"), _BARE))
        if assertion.get("threshold") is not None and kind in _EQUAL:
            self._note(f"threshold of {kind}", "a case is right or wrong")

    def _note(self, kind: str, why: str) -> None:
        self._notes.append(NotCarried(f"assertion {kind!r}", why, self._where))


PROMPTFOO = Format(
    name="promptfoo",
    title="promptfoo tests",
    kind="cases",
    suffixes=(".yaml", ".yml", ".csv", ".json", ".jsonl"),
    recognise=_recognise,
    read=_read,
    rows=promptfoo_rows,
)
"""A configuration with the files that it names, or a list of tests."""
