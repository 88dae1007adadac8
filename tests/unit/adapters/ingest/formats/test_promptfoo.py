"""promptfoo's tests become cases; what a case has no place for is said."""

from pathlib import Path
from typing import Any

import pytest
from tests.unit.adapters.ingest.formats.reading import case, left_out, refusal, whole
from tests.unit.adapters.ingest.formats.samples import PROMPTFOO_CONFIG

from passmuster.adapters.ingest.formats.promptfoo import PROMPTFOO
from passmuster.adapters.ingest.formats.promptfoo_csv import assertion
from passmuster.errors import CorpusError
from passmuster.records.case import Case


def expecting(*asserts: dict[str, Any], **asked: Any) -> dict[str, Any]:
    return {"vars": asked or {"town": "Ulm"}, "assert": list(asserts)}


def cases(value: object) -> list[Case]:
    return [each for each in PROMPTFOO.read(value) if isinstance(each, Case)]


def cases_of(path: Path) -> list[Case]:
    rows = whole(path, PROMPTFOO)
    return [each for row in rows for each in cases(row.value)]


class TestAssertions:
    def test_an_equality_is_the_reference(self) -> None:
        assert case(PROMPTFOO, expecting({"type": "equals", "value": "Ulm"})).reference == "Ulm"

    def test_variables_in_it_are_filled_in(self) -> None:
        test = expecting({"type": "equals", "value": "It is {{town}}."})

        assert case(PROMPTFOO, test).reference == "It is Ulm."

    def test_several_equalities_are_several_right_answers(self) -> None:
        test = expecting({"type": "equals", "value": "a"}, {"type": "equals", "value": "b"})

        assert case(PROMPTFOO, test).reference == ["a", "b"]

    def test_an_equality_with_json_is_an_object(self) -> None:
        assert case(PROMPTFOO, expecting({"type": "equals", "value": {"a": 1}})).reference == {"a": 1}
        assert case(PROMPTFOO, expecting({"type": "equals", "value": '{"a": 1}'})).reference == {"a": 1}

    def test_a_text_to_be_like_is_the_reference_and_its_measure_is_said(self) -> None:
        test = expecting({"type": "similar", "value": "a town", "threshold": 0.8})

        assert case(PROMPTFOO, test).reference == "a town"
        assert left_out(PROMPTFOO, test) == ["assertion 'similar'"]

    def test_an_equality_counts_before_a_text_to_be_like(self) -> None:
        test = expecting({"type": "rouge-n", "value": "long"}, {"type": "equals", "value": "short"})

        assert case(PROMPTFOO, test).reference == "short"

    @pytest.mark.parametrize(("kind", "end"), [("is-refusal", "refusal"), ("not-is-refusal", "answer")])
    def test_refusals_say_how_the_answer_should_end(self, kind: str, end: str) -> None:
        assert case(PROMPTFOO, expecting({"type": kind})).expect == end

    @pytest.mark.parametrize(
        "kind",
        ["contains", "not-contains", "icontains-any", "regex", "javascript", "llm-rubric", "latency", "cost"],
    )
    def test_all_others_are_tags_and_are_said(self, kind: str) -> None:
        test = expecting({"type": kind, "value": "x"})

        assert case(PROMPTFOO, test).tags == (f"assert:{kind}",)
        assert case(PROMPTFOO, test).reference is None
        assert left_out(PROMPTFOO, test) == [f"assertion {kind!r}"]

    def test_sets_of_assertions_are_taken_apart(self) -> None:
        inner = [{"type": "equals", "value": "a"}, {"type": "contains", "value": "b"}]
        test = expecting({"type": "assert-set", "assert": inner, "threshold": 0.5})

        assert case(PROMPTFOO, test).reference == "a"
        assert left_out(PROMPTFOO, test) == ["assertion 'contains'"]


class TestTests:
    def test_a_configuration(self) -> None:
        [found] = cases(PROMPTFOO_CONFIG)

        assert (found.input, found.reference) == ({"tone": "kind", "name": "Ann"}, "Hello Ann")
        assert found.tags == ("assert:latency", "assert:icontains", "area=greeting")
        assert set(left_out(PROMPTFOO, PROMPTFOO_CONFIG)) >= {"prompts", "providers", "assertion 'latency'"}

    def test_one_variable_that_is_a_text_is_the_text(self) -> None:
        assert case(PROMPTFOO, expecting(question="Where?")).input == "Where?"

    def test_lists_of_values_are_combined(self) -> None:
        found = cases(expecting(town=["Ulm", "Bonn"], size=["S", "L", "XL"]))

        assert len(found) == len({each.id for each in found}) == 6
        assert {"town": "Bonn", "size": "L"} in [each.input for each in found]

    def test_unless_that_is_switched_off(self) -> None:
        test = {**expecting(town=["Ulm", "Bonn"]), "options": {"disableVarExpansion": True}}

        assert case(PROMPTFOO, test).input == {"town": ["Ulm", "Bonn"]}

    def test_too_many_combinations_are_refused(self) -> None:
        many = list(map(str, range(100)))

        assert "1,000,000 combinations" in refusal(PROMPTFOO, expecting(a=many, b=many, c=many))

    def test_one_bad_test_does_not_lose_the_others(self) -> None:
        config = {**PROMPTFOO_CONFIG, "defaultTest": {}, "tests": [{"vars": {}}, expecting()]}

        assert len(cases(config)) == 1
        assert "tests[0].vars: the test has no variables" in refusal(
            PROMPTFOO, {**config, "tests": [{"vars": {}}]}
        )


class TestRows:
    def test_a_row_of_a_csv_file(self) -> None:
        row = {
            "question": "2 + 2?",
            "notes": "",
            "__expected1": "equals: 4",
            "__expected2": "contains-any: four, 4",
            "__description": "sums",
            "__metadata:tags[]": "maths,easy\\, really",
            "__config:__expected2:threshold": "0.5",
            "__prefix": "Say: ",
        }
        found = case(PROMPTFOO, row)

        assert (found.input, found.reference) == ({"question": "2 + 2?", "notes": ""}, "4")
        assert found.tags == ("assert:contains-any", "tags=maths", "tags=easy, really")
        assert left_out(PROMPTFOO, row) == ["assertion 'contains-any'", "'__prefix' of a test"]

    @pytest.mark.parametrize(
        ("cell", "kind", "value"),
        [
            ("Paris", "equals", "Paris"),
            ("equals: Paris", "equals", "Paris"),
            ("Time: 12:30", "equals", "Time: 12:30"),
            ("similar(0.8):Hello there", "similar", "Hello there"),
            ("not-contains: x", "not-contains", "x"),
            ("fn: output.length < 10", "javascript", "output.length < 10"),
            ("grade: is kind", "llm-rubric", "is kind"),
            ("is-json", "is-json", None),
            ("contains-all: a, b", "contains-all", ["a", "b"]),
            ("", "equals", ""),
        ],
    )
    def test_what_a_cell_expects(self, cell: str, kind: str, value: object) -> None:
        found = assertion(cell)

        assert (found["type"], found.get("value")) == (kind, value)


class TestFiles:
    def test_tests_and_variables_in_other_files_are_read_in(self, tmp_path: Path) -> None:
        (tmp_path / "more").mkdir()
        (tmp_path / "more" / "a.yaml").write_text(
            "- vars: {doc: 'file://doc.txt'}\n  assert: [{type: equals, value: x}]"
        )
        (tmp_path / "more" / "doc.txt").write_text("The contract.")
        (tmp_path / "b.csv").write_text("town,__expected\nUlm,equals: yes\n")
        (tmp_path / "p.png").write_bytes(b"hi")
        config = tmp_path / "promptfooconfig.yaml"
        config.write_text(
            "prompts: [a]\nproviders: [b]\n"
            "tests:\n  - file://more/*.yaml\n  - file://b.csv\n  - vars: {image: 'file://p.png', on: 2024-01-02}\n"
        )

        found = cases_of(config)

        assert [each.input for each in found] == [
            {"doc": "The contract."},
            {"town": "Ulm"},
            {"image": "data:image/png;base64,aGk=", "on": "2024-01-02"},
        ]
        assert [each.reference for each in found] == ["x", "yes", None]

    @pytest.mark.parametrize("name", ["../secret.txt", "/etc/hostname", "../*.txt"])
    def test_files_elsewhere_are_not_read(self, name: str, tmp_path: Path) -> None:
        (tmp_path / "secret.txt").write_text("secret")
        (tmp_path / "set").mkdir()
        config = tmp_path / "set" / "tests.yaml"
        config.write_text(f"- vars: {{a: 'file://{name}'}}\n")

        with pytest.raises(CorpusError, match="outside of the folder"):
            cases_of(config)

    def test_a_link_to_elsewhere_is_not_followed(self, tmp_path: Path) -> None:
        (tmp_path / "secret.txt").write_text("secret")
        (tmp_path / "set").mkdir()
        (tmp_path / "set" / "a.txt").symlink_to(tmp_path / "secret.txt")
        config = tmp_path / "set" / "tests.yaml"
        config.write_text("- vars: {a: 'file://a.txt'}\n")

        with pytest.raises(CorpusError, match="outside of the folder"):
            cases_of(config)

    def test_code_is_not_run_but_said(self, tmp_path: Path) -> None:
        config = tmp_path / "c.yaml"
        config.write_text("prompts: [a]\ntests: file://make.py:tests\n")
        rows = whole(config, PROMPTFOO)

        assert "tests in other files" in [what for row in rows for what in left_out(PROMPTFOO, row.value)]

    def test_a_file_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        config = tmp_path / "c.yaml"
        config.write_text("- vars: {a: 'file://none.txt'}\n")

        with pytest.raises(CorpusError, match=r"none\.txt' cannot be read: No such file"):
            cases_of(config)
