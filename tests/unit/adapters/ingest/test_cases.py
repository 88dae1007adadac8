"""Cases from files: every shape is read, every slip is answered at its place, and what is written comes back."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.files import reread
from passmuster.adapters.ingest import cases as ingest
from passmuster.adapters.ingest.cases import read_cases, write_cases
from passmuster.errors import CorpusError
from passmuster.records.case import (
    Case,
    Category,
    Conversation,
    Document,
    Image,
    Message,
    Role,
    Text,
    Tool,
    ToolCall,
)


def jsonl(folder: Path, *rows: object, name: str = "cases.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def refusal(path: Path, columns: dict[str, str | list[str]] | None = None) -> str:
    with pytest.raises(CorpusError) as caught:
        read_cases(path, columns)
    assert caught.value.exit_code == 2
    return str(caught.value).removeprefix(str(path))


def test_a_case_has_all_its_fields(tmp_path: Path) -> None:
    row = {
        "id": 7,
        "input": "text",
        "reference": {"kind": ["a", None]},
        "category": "adversarial",
        "stratum": "web",
        "group": "user-1",
        "tags": ["long"],
    }
    assert read_cases(jsonl(tmp_path, row)) == [
        Case(
            id="7",
            input="text",
            reference={"kind": ["a", None]},
            category="adversarial",
            stratum="web",
            group="user-1",
            tags=("long",),
        )
    ]


def test_only_id_and_input_are_needed(tmp_path: Path) -> None:
    assert read_cases(jsonl(tmp_path, {"id": "1", "input": ""})) == [Case(id="1", input="")]


def test_an_object_is_named_fields_and_messages_make_a_conversation(tmp_path: Path) -> None:
    talk = {
        "system": "Be brief.",
        "messages": [
            {
                "role": "user",
                "content": [{"type": "text", "text": "What is this?"}, {"url": "https://x/y.png"}],
            },
            {"role": "assistant", "tool_calls": [{"name": "look", "arguments": "{}", "id": "c1"}]},
            {"role": "tool", "content": "a cat", "tool_call_id": "c1"},
        ],
        "tools": [{"name": "look", "parameters": {"type": "object"}}],
        "context": [{"text": "Cats.", "title": "Pets"}],
    }
    fields, conversation = read_cases(
        jsonl(tmp_path, {"id": "1", "input": {"question": "q", "n": 1}}, {"id": "2", "input": talk})
    )
    assert fields.input == {"question": "q", "n": 1}
    assert conversation.input == Conversation(
        system="Be brief.",
        messages=(
            Message(role="user", content=(Text(text="What is this?"), Image(url="https://x/y.png"))),
            Message(role="assistant", tool_calls=(ToolCall(name="look", arguments="{}", id="c1"),)),
            Message(role="tool", content="a cat", tool_call_id="c1"),
        ),
        tools=(Tool(name="look", parameters={"type": "object"}),),
        context=(Document(text="Cats.", title="Pets"),),
    )


def test_csv_cells_are_text_and_empty_cells_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text('id,input,reference,stratum,tags\n1,"a, b",5,,"x, y"\n2,c,,web,\n')
    assert read_cases(path) == [
        Case(id="1", input="a, b", reference="5", tags=("x", "y")),
        Case(id="2", input="c", stratum="web"),
    ]


def test_a_column_map_reads_a_file_as_it_is(tmp_path: Path) -> None:
    path = jsonl(tmp_path, {"question": "q", "document": "d", "gold": "g", "category": "biology", "note": 1})
    mapping = {"id": "line", "input": ["question", "document"], "reference": "gold", "stratum": "category"}
    assert read_cases(path, mapping) == [
        Case(id="1", input={"question": "q", "document": "d"}, reference="g", stratum="biology")
    ]


def test_a_column_that_is_called_line_is_read_and_not_counted(tmp_path: Path) -> None:
    path = jsonl(tmp_path, {"line": "L7", "input": "x"})
    assert read_cases(path, {"id": "line"})[0].id == "L7"


@pytest.mark.parametrize(
    ("row", "at", "said"),
    [
        ({"id": "1", "input": "x", "rreference": "y"}, '"rreference"', "did you mean 'reference'?"),
        ({"input": "x"}, None, "id is missing"),
        ({"id": "1"}, None, "input is missing"),
        ({"id": "", "input": "x"}, '"", ', "id: is empty"),
        ({"id": 1.5, "input": "x"}, "1.5", "id: expected text, found a number"),
        ({"id": True, "input": "x"}, "true", "found true or false"),
        ({"id": "1", "input": 5}, "5}", "found a number"),
        ({"id": "1", "input": ["x"]}, '["x"]', "found a list"),
        ({"id": "1", "input": {}}, "{}", "an empty object"),
        ({"id": "1", "input": "x", "category": "edgy"}, '"edgy"', "did you mean 'edge'?"),
        ({"id": "1", "input": "x", "tags": "a"}, '"a"', "expected a list of texts"),
        ({"id": "1", "input": "x", "tags": [1]}, "[1]", "found a number in it"),
        ({"id": "1", "input": {"messages": []}}, "[]", "the conversation is empty"),
        ({"id": "1", "input": {"messages": [{"role": "usr"}]}}, '"usr"', "'user'"),
        ({"id": "1", "input": {"messages": [{"role": "user", "text": "x"}]}}, '"text"', "no such key"),
        ({"id": "1", "input": {"messages": [], "ssystem": "x"}}, '"ssystem"', "did you mean 'system'?"),
        ({"id": "1", "input": {"messages": "hi"}}, '"hi"', "input.messages"),
        (
            {"id": "1", "input": {"messages": [{"role": "user", "content": [{"type": "image"}]}]}},
            '{"type": "image"',
            "an image needs either",
        ),
        ({"id": "1", "input": "cut \ud83d"}, '"cut', "half of a surrogate pair"),
    ],
)
def test_a_slip_is_answered_with_its_place(
    tmp_path: Path, row: dict[str, object], at: str | None, said: str
) -> None:
    message = refusal(jsonl(tmp_path, {"id": "0", "input": "fine"}, row))
    column = "" if at is None else f":{json.dumps(row).index(at) + 1}"
    assert message.startswith(f":2{column}: ")
    assert said in message


@pytest.mark.parametrize("number", ["1e400", "-1E+400", "1.5e999", "9" * 320 + ".0"])
def test_a_number_that_overflows_is_refused(tmp_path: Path, number: str) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(f'{{"id": "1", "input": "x", "reference": {number}}}\n')
    assert refusal(path).startswith(":1:40: the number is too large")


@pytest.mark.parametrize("half", ["\\ud83d", "\\uD83D", "\\uDE00", "\\\\\\udfff"])
def test_half_a_pair_is_refused_however_it_is_escaped(tmp_path: Path, half: str) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(f'{{"id": "1", "input": "x {half}"}}\n')
    assert refusal(path).startswith(":1:22: the text holds half of a surrogate pair")


def test_whole_pairs_escaped_backslashes_and_large_numbers_are_read(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(
        '{"id": "1", "input": "\\ud83d\\ude00 \\\\ud83d", "reference": [1e300, 1%s]}\n' % ("0" * 400)
    )
    assert read_cases(path) == [Case(id="1", input="\U0001f600 \\ud83d", reference=[1e300, 10**400])]


def test_an_id_that_stands_twice_is_refused_with_both_lines(tmp_path: Path) -> None:
    path = jsonl(tmp_path, {"id": "1", "input": "x"}, {"id": "2", "input": "x"}, {"id": 1, "input": "z"})
    assert refusal(path).startswith(":3:8: the id '1' stands on line 1 already")


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_a_file_without_cases_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(content)
    assert "holds no cases" in refusal(path)


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"rreference": "gold"}, "did you mean 'reference'?"),
        ({"reference": "golt"}, "did you mean 'gold'?"),
        ({"reference": ["gold", "note"]}, "only `input` takes a list"),
        ({"input": ["question", "documentt"]}, "did you mean 'document'?"),
    ],
)
def test_a_map_that_names_what_is_not_there_is_refused(
    tmp_path: Path, mapping: dict[str, str | list[str]], said: str
) -> None:
    path = jsonl(
        tmp_path, {"id": "1", "input": "x", "question": "q", "document": "d", "gold": "g", "note": "n"}
    )
    assert said in refusal(path, mapping)


def test_an_unknown_csv_column_is_refused_at_the_header_name(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("id,input,gold\n1,x,y\n")
    assert "a case has no field 'gold'" in refusal(path)


def test_what_could_not_be_read_back_is_not_written(tmp_path: Path) -> None:
    for case, name in [
        (Case(id="1", input={"messages": "x"}), "a.jsonl"),
        (Case(id="1", input="\ud800"), "a.jsonl"),
        (Case(id="1", input="x", reference=float("nan")), "a.jsonl"),
        (Case(id="1", input="x"), "a.csv"),
    ]:
        with pytest.raises(CorpusError):
            write_cases(tmp_path / name, [case])
    assert list(tmp_path.iterdir()) == []


def test_equal_cases_give_equal_bytes_even_compressed(tmp_path: Path) -> None:
    cases = [Case(id="1", input="é\n\u2028")]
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        write_cases(tmp_path / name, cases)
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


def _role(name: str) -> Role:
    roles: dict[str, Role] = {"system": "system", "user": "user", "assistant": "assistant", "tool": "tool"}
    return roles[name]


def _category(name: str) -> Category:
    known: dict[str, Category] = {
        "typical": "typical",
        "edge": "edge",
        "adversarial": "adversarial",
        "regression": "regression",
    }
    return known[name]


TEXTS = st.text(max_size=12)
JSON = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, st.none() | inner, max_size=3),
    max_leaves=6,
)
PARTS = st.builds(Text, text=TEXTS) | st.builds(Image, url=TEXTS)
MESSAGES = st.builds(
    Message,
    role=st.sampled_from(["system", "user", "assistant", "tool"]).map(_role),
    content=TEXTS | st.lists(PARTS, min_size=1, max_size=2).map(tuple),
    tool_calls=st.lists(st.builds(ToolCall, name=TEXTS, arguments=TEXTS), max_size=1).map(tuple),
)
CONVERSATIONS = st.builds(
    Conversation,
    messages=st.lists(MESSAGES, min_size=1, max_size=3).map(tuple),
    system=st.none() | TEXTS,
    tools=st.lists(st.builds(Tool, name=TEXTS), max_size=1).map(tuple),
    context=st.lists(st.builds(Document, text=TEXTS, id=st.none() | TEXTS), max_size=2).map(tuple),
)
FIELDS = st.dictionaries(TEXTS.filter(lambda name: name != "messages"), JSON, min_size=1, max_size=3)
CASES = st.builds(
    Case,
    id=st.text(min_size=1, max_size=8),
    input=TEXTS | FIELDS | CONVERSATIONS,
    reference=st.none() | JSON,
    category=st.sampled_from(["typical", "edge", "adversarial", "regression"]).map(_category),
    stratum=st.none() | TEXTS,
    group=st.none() | TEXTS,
    tags=st.lists(TEXTS, max_size=2).map(tuple),
)


@given(st.lists(CASES, min_size=1, max_size=4, unique_by=lambda case: case.id), st.booleans())
def test_what_is_written_is_read_back_equal(
    tmp_path_factory: pytest.TempPathFactory,
    cases: list[Case],
    compressed: bool,  # noqa: FBT001 - hypothesis passes it
) -> None:
    path = tmp_path_factory.mktemp("cases") / ("cases.jsonl.gz" if compressed else "cases.jsonl")
    write_cases(path, cases)
    assert read_cases(path) == cases


@pytest.mark.data
def test_the_complaints_are_read_as_they_are(data_folder: Path) -> None:
    cases = read_cases(data_folder / "replay_complaints" / "items.jsonl", {"reference": "gold"})
    assert len(cases) == 1000
    assert len({case.input for case in cases if isinstance(case.input, str)}) == 984
    assert {case.reference for case in cases} >= {"debt_collection", "mortgages_and_loans"}


def test_the_cases_of_a_large_file_are_read_again_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reread, "HELD_ITEMS", 1)
    path = tmp_path / "cases.csv"
    path.write_text('nr,question\n1,"one, two"\n2,two\n3,three\n')
    seen: list[Case] = []
    cases = read_cases(path, {"id": "line", "input": "question"}, seen.append)
    assert not isinstance(cases, list)
    assert list(cases) == seen == [cases[0], cases[1], cases[2]]
    assert [(case.id, case.input) for case in cases] == [("2", "one, two"), ("3", "two"), ("4", "three")]


@pytest.mark.parametrize("held", [0, 1000])
def test_an_id_that_stands_twice_in_a_large_file_is_refused_with_both_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    monkeypatch.setattr(reread, "HELD_ITEMS", held)
    rows = [{"id": str(number), "input": "x"} for number in range(500)]
    path = jsonl(tmp_path, *rows, {"id": 250, "input": "y"})
    assert refusal(path).startswith(":501:8: the id '250' stands on line 251 already")


def test_ids_with_one_hash_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "hash", len, raising=False)
    path = jsonl(tmp_path, *({"id": str(number), "input": "x"} for number in range(30)))
    assert [case.id for case in read_cases(path)] == [str(number) for number in range(30)]
