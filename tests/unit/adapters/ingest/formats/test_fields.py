"""Times, numbers, tags, tokens and feedback, in whichever way they are written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.ingest.formats.chats import Answer, answer_of, input_of
from passmuster.adapters.ingest.formats.feedback import Shown, feedback, shown_in
from passmuster.adapters.ingest.formats.fields import (
    columns,
    decoded,
    moment,
    name_from,
    number,
    sayable,
    text,
)
from passmuster.adapters.ingest.formats.flat import nested
from passmuster.adapters.ingest.formats.format import MappingError
from passmuster.adapters.ingest.formats.templates import filled
from passmuster.adapters.ingest.formats.token_counts import bucket_usage, provider_usage
from passmuster.records.record import Json
from passmuster.records.trial import Usage

SECONDS = 1_700_000_000.25


class TestTimes:
    @pytest.mark.parametrize(
        "value",
        [
            SECONDS,
            str(SECONDS),
            1_700_000_000_250,
            1_700_000_000_250_000,
            1_700_000_000_250_000_000,
            "2023-11-14T22:13:20.250Z",
            "2023-11-14 22:13:20.250000",
            "2023-11-14 22:13:20.250 UTC",
            "2023-11-14T23:13:20.25+01:00",
        ],
    )
    def test_one_moment_in_many_ways(self, value: Json) -> None:
        assert moment(value) == SECONDS

    @pytest.mark.parametrize("value", [None, "", 0, 0.0, "0"])
    def test_no_time_is_unknown(self, value: Json) -> None:
        assert moment(value) is None

    @pytest.mark.parametrize(
        "value",
        ["yesterday", -1, True, [], {}, float("inf"), 1e30, "3000-01-01", "1969-01-01", "9" * 50, 12, False],
    )
    def test_what_is_none_is_refused_with_its_place(self, value: Json) -> None:
        with pytest.raises(MappingError, match=r"^start: .* is no time$"):
            moment(value, ("start",))

    @given(st.floats(min_value=1e9, max_value=4e9))
    def test_all_units_mean_the_same(self, seconds: float) -> None:
        found = {moment(seconds * scale) for scale in (1, 1e3, 1e6, 1e9)}

        assert max(found) - min(found) < 1e-3  # type: ignore[type-var,operator]


class TestFeedback:
    @pytest.mark.parametrize(
        ("value", "word"),
        [
            *(("thumbs_up", "up"), ("👍", "up"), ("Like", "up"), (True, "up"), ("accepted", "up")),
            *(
                ("thumbs-down", "down"),
                ("👎", "down"),
                ("-1", "down"),
                (False, "down"),
                ("Not helpful", "down"),
            ),
            *(
                ("regenerated", "retried"),
                ("edited", "edited"),
                ("handoff", "escalated"),
                ("reported", "complained"),
            ),
            *(("Thumbs.Up", "up"), ("👍🏽", "up"), ("satisfied", "up"), ("❤️", "up"), ("+1", "up")),
            *(("neutral", "score:middle"), ("Not satisfied", "down"), ("up " * 1000, None)),
            *((1, "up"), (0, "down"), (-1, "down"), ("purple", None), (None, None)),
        ],
    )
    def test_words_of_users(self, value: Json, word: str | None) -> None:
        assert feedback([Shown("user_feedback", value)]).word == word

    @pytest.mark.parametrize(
        ("name", "value", "word"),
        [
            *(
                ("quality", 0.1, "low"),
                ("quality", 0.5, "middle"),
                ("quality", 1, "high"),
                ("quality", 4, "high"),
            ),
            *(("quality", 2.4, "middle"), ("quality", 5.5, "middle"), ("quality", 30, "low")),
            *(("quality", 7, "high"), ("quality", 20, "low"), ("quality", 95, "high"), ("stars", 1, "low")),
            *(("rating", 3, "middle"), ("csat", 5, "high"), ("stars", 2, "low"), ("quality", -0.5, "low")),
        ],
    )
    def test_numbers_by_their_scale(self, name: str, value: Json, word: str) -> None:
        assert feedback([Shown(name, value)]).word == f"score:{word}"

    @pytest.mark.parametrize("value", [1000, float("nan"), float("inf"), -1000])
    def test_a_number_on_no_scale_says_nothing(self, value: Json) -> None:
        assert feedback([Shown("quality", value)]).word is None

    def test_people_count_before_machines_and_the_worst_before_the_better(self) -> None:
        judged = Shown("judge", 1, by_machine=True)

        assert feedback([judged, Shown("thumbs", 0)]).word == "down"
        assert feedback([Shown("thumbs", 1), Shown("flag", "complained")]).word == "complained"
        assert feedback([Shown("pass", "pass", by_machine=True)]).word == "score:high"
        assert feedback([judged]).word == "score:high"

    def test_the_raw_values_are_kept(self) -> None:
        assert feedback([Shown("a", 1), Shown("", "ok"), Shown("b", None)]).raw == "a=1; ok"
        assert feedback([]).raw is None

    def test_fields_of_many_forms(self) -> None:
        assert [each.value for each in shown_in([{"score": 1}, "up", None])] == [1, "up"]
        assert shown_in({"comment": "no more"}) == []
        assert feedback(shown_in({"key": "thumbs", "score": 0})).word == "down"


class TestTokens:
    def test_of_openai_with_its_parts(self) -> None:
        raw = {
            "prompt_tokens": 10,
            "completion_tokens": 5,
            "completion_tokens_details": {"reasoning_tokens": 3},
        }

        assert provider_usage(raw) == Usage(input=10, output=5, reasoning=3)

    def test_of_anthropic_whose_cache_stands_beside(self) -> None:
        raw = {
            "input_tokens": 5,
            "cache_read_input_tokens": 90,
            "cache_creation_input_tokens": 7,
            "output_tokens": 2,
        }

        assert provider_usage(raw) == Usage(input=102, output=2, cached=90, cache_write=7)

    def test_of_a_proxy_that_counts_the_cache_in(self) -> None:
        raw = {"prompt_tokens": 95, "completion_tokens": 2, "cache_read_input_tokens": 90}

        assert provider_usage(raw) == Usage(input=95, output=2, cached=90)

    def test_of_google(self) -> None:
        raw = {"promptTokenCount": 10, "candidatesTokenCount": 5, "thoughtsTokenCount": 2}

        assert provider_usage(raw) == Usage(input=10, output=7, reasoning=2)

    def test_buckets_beside_each_other_and_parts_of_a_whole(self) -> None:
        beside = {
            "input": 10,
            "input_cached_tokens": 90,
            "output": 5,
            "output_reasoning_tokens": 3,
            "total": 108,
        }
        within = {
            "input": 100,
            "input_cached_tokens": 90,
            "output": 8,
            "output_reasoning_tokens": 3,
            "total": 108,
        }
        found = Usage(input=100, output=8, cached=90, reasoning=3)

        assert bucket_usage(beside) == bucket_usage(within) == bucket_usage(json.dumps(within)) == found

    @pytest.mark.parametrize("raw", [None, {}, [], "x", {"total": 5}, {"input": -1}])
    def test_what_says_nothing_is_unknown(self, raw: Json) -> None:
        assert bucket_usage(raw) is None
        assert provider_usage(raw) is None


class TestAnswers:
    @pytest.mark.parametrize(
        "said",
        [
            '[{"type": "refund", "sum": 3}]',
            '{"content": ["a", "b"]}',
            '{"choices": ["a", "b"]}',
            '{"choices": [{"label": "a"}]}',
            '{"output": "x", "parts": 3}',
            "[1, 2]",
            '"quoted"',
            '[{"text": "x", "label": "PER"}]',
        ],
    )
    def test_json_that_a_model_wrote_stays_as_it_wrote_it(self, said: str) -> None:
        assert answer_of(said, (), []) == Answer(said)

    @pytest.mark.parametrize(
        "said",
        [
            {"role": "assistant", "content": "Hello."},
            [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}],
            {"choices": [{"message": {"content": "Hello."}}]},
            {"choices": [{"text": "Hello.", "finish_reason": "stop"}]},
            {"candidates": [{"content": {"role": "model", "parts": [{"text": "Hello."}]}}]},
            {"id": "m", "content": [{"type": "text", "text": "Hello."}]},
        ],
    )
    def test_a_providers_reply_is_taken_apart(self, said: Json) -> None:
        assert answer_of(said, (), []) == Answer("Hello.")

    @pytest.mark.parametrize("said", [None, "", {}, []])
    def test_nothing_is_unknown(self, said: Json) -> None:
        assert answer_of(said, (), []) == Answer(None)

    def test_other_objects_are_written_as_json(self) -> None:
        assert answer_of({"label": "é"}, (), []) == Answer('{"label": "é"}')

    @pytest.mark.parametrize("said", ['{"role": "x"}', '[{"a": 1}]', "Hi", '{"query": "x"}'])
    def test_a_prompt_that_is_text_stays_text(self, said: str) -> None:
        assert input_of(said, (), []) == said


class TestValues:
    @given(st.text())
    def test_a_text_stays_unless_it_is_an_object_or_a_list(self, value: str) -> None:
        found = decoded(value)

        assert found == value or isinstance(found, dict | list)

    def test_halves_of_characters_and_infinities_are_refused(self) -> None:
        with pytest.raises(MappingError, match=r"^a: .*surrogate"):
            text("\ud800", ("a",))
        with pytest.raises(MappingError, match=r"^a\[1\]: inf"):
            sayable({"a": [1, float("inf")]})
        with pytest.raises(MappingError, match="surrogate"):
            name_from({"\udfff": 1})

    @pytest.mark.parametrize("value", [True, "x", -1, float("nan"), float("inf"), [], None, "9" * 50])
    def test_what_is_no_number_is_unknown(self, value: Json) -> None:
        assert number(value) is None

    def test_columns_have_bounds(self) -> None:
        many = {f"c{place}": place for place in range(100)}

        assert len(columns(("", many))) == 64
        assert (
            columns(("", {"a": "x" * 1001, "b": "\ud800", "c": None, "d": {}, "e": float("nan"), "f": ""}))
            == {}
        )

    def test_names_that_collide_or_go_deep_do_no_harm(self) -> None:
        assert nested({"a": "x", "a.b": "y"}, "a") == "x"
        assert nested({"a.b": "x", "a.b.c": "y"}, "a") in ({"b": "x"}, {"b": {"c": "y"}})
        assert nested({"a." + "b." * 5000 + "c": 1}, "a") is None
        assert nested({"a.999999999.b": 1, "a.0.b": 2}, "a") == [{"b": 2}, {"b": 1}]

    def test_templates_are_filled_and_never_run(self) -> None:
        values = {"a": "{{b}}", "b": 1, "d": {"e": [2]}}

        assert filled("{{a}}", values) == "{{b}}"
        assert (
            filled("{{ d.e }} and {{none}} and {% if b %}", values) == "{{ d.e }} and {{none}} and {% if b %}"
        )
        assert filled("{{ d.e }}", values) == [2]
