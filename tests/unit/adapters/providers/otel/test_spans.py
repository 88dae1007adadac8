"""Calls of models are found in spans, whichever conventions they follow."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.adapters.providers.otel.spans import (
    KEYS,
    NEW,
    OLD,
    OPEN_INFERENCE,
    SPAN,
    START,
    TRACE,
    attributes,
    call,
    read,
    request,
    span,
)

from passmuster.adapters.providers.otel.spans import read_spans
from passmuster.adapters.providers.wire.errors import Redactor
from passmuster.records.trial import Attempt, Usage


class TestConventions:
    def test_the_names_of_today(self) -> None:
        assert call(NEW) == Attempt(
            started=1_700_000_000.0,
            seconds=2.0,
            first_token=0.5,
            model="m-2026",
            usage=Usage(input=10, output=5, cached=4, cache_write=3, reasoning=2),
        )

    def test_the_names_of_before(self) -> None:
        assert call(OLD).usage == Usage(input=10, output=5)
        assert call(OLD).model == "m"

    def test_the_names_of_openinference(self) -> None:
        found = call(
            OPEN_INFERENCE, events=[{"name": "First Token Stream Event", "timeUnixNano": START + 10**9}]
        )

        assert found.usage == Usage(input=10, output=5, cached=4, reasoning=2)
        assert (found.model, found.cost) == ("m", 0.25)
        assert found.first_token == pytest.approx(1.0)

    def test_embeddings_have_no_output(self) -> None:
        said = {"gen_ai.operation.name": "embeddings", "gen_ai.usage.input_tokens": 3}

        assert call(said).usage == Usage(input=3, output=0)

    @pytest.mark.parametrize(
        "said",
        [
            {
                "gen_ai.operation.name": "invoke_agent",
                "gen_ai.request.model": "m",
                "gen_ai.usage.input_tokens": 9,
            },
            {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "t"},
            {"openinference.span.kind": "CHAIN", "llm.model_name": "m", "gen_ai.request.model": "m"},
            {"openinference.span.kind": "AGENT"},
            {"gen_ai.agent.name": "a", "gen_ai.request.model": "m"},
            {"http.request.method": "POST"},
            {},
        ],
    )
    def test_agents_tools_and_the_rest_are_no_calls_of_a_model(self, said: dict[str, Any]) -> None:
        assert read(said) is None

    @pytest.mark.parametrize(
        ("said", "more", "kind", "status"),
        [
            ({"error.type": "429"}, {}, "rate_limit", None),
            ({"error.type": "RateLimitError"}, {}, "rate_limit", None),
            ({"error.type": "openai.APITimeoutError"}, {}, "timeout", None),
            ({"error.type": "AuthenticationError"}, {}, "auth", None),
            ({"error.type": "APIConnectionError"}, {}, "connection", None),
            ({"error.type": "BadRequestError"}, {}, "bad_request", None),
            ({"error.type": "_OTHER", "http.response.status_code": 503}, {}, "server_error", 503),
            ({"error.type": "X", "http.response.status_code": 401}, {}, "auth", 401),
            ({}, {"status": {"code": 2, "message": "it broke"}}, "server_error", None),
            ({}, {"status": {"code": "STATUS_CODE_ERROR"}}, "server_error", None),
            ({}, {"status": {"code": 1}}, None, None),
        ],
    )
    def test_an_error_has_a_kind(
        self, said: dict[str, Any], more: dict[str, Any], kind: str | None, status: int | None
    ) -> None:
        found = call({**NEW, **said}, **more)

        assert (found.error, found.status) == (kind, status)
        assert (found.message is None) == (kind is None)

    def test_an_exception_says_what_happened_without_secrets(self) -> None:
        raised = attributes({"exception.type": "APITimeoutError", "exception.message": "key sk-" + "a" * 30})
        found = call(NEW, events=[{"name": "exception", "attributes": raised}], status={"code": 2})

        assert found.error == "timeout"
        assert found.message == "APITimeoutError: key [redacted]"

    def test_names_in_base64_and_in_capitals_are_the_same_names(self) -> None:
        trace = "q6urq6urq6urq6urq6urqw=="

        [found] = read_spans(request(span(NEW, trace=trace, name="CD" * 8)), Redactor([]))

        assert (found.trace, found.span) == (TRACE, SPAN)

    @pytest.mark.parametrize(
        "said",
        [
            {**NEW, "gen_ai.usage.input_tokens": -1},
            {**NEW, "gen_ai.usage.input_tokens": "many"},
            {**NEW, "gen_ai.usage.input_tokens": float("nan")},
            {**NEW, "gen_ai.usage.input_tokens": True},
            {**NEW, "gen_ai.usage.input_tokens": 10**400},
        ],
    )
    def test_a_count_that_is_none_is_unknown(self, said: dict[str, Any]) -> None:
        usage = call(said).usage

        assert usage is not None
        assert usage.input is None

    @pytest.mark.parametrize("time", ["1e400", "9" * 39, "-1", "0", "", None, [], float("nan")])
    def test_a_span_without_a_time_is_no_call(self, time: object) -> None:
        assert read(NEW, startTimeUnixNano=time) is None
        assert call(NEW, endTimeUnixNano=time).seconds is None

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: (
                st.lists(inner)
                | st.dictionaries(
                    st.sampled_from(KEYS),
                    inner,
                )
            ),
            max_leaves=30,
        )
    )
    def test_no_json_breaks_it(self, body: object) -> None:
        list(read_spans(body, Redactor([])))
        list(read_spans(request(body), Redactor([])))
        for key in ("attributes", "events", "status", "startTimeUnixNano", "parentSpanId"):
            list(read_spans(request(span(NEW) | {key: body}), Redactor([])))


def test_the_name_of_a_model_is_text_that_can_be_printed_and_holds_no_secret() -> None:
    named = {**NEW, "gen_ai.response.model": "m\ud800 our-very-secret-key"}
    asked = {**named, "gen_ai.request.model": "n\ud800"}
    [found] = read_spans(request(span(asked)), Redactor(["our-very-secret-key"]))

    assert found.call is not None
    assert found.call.model == "m\ufffd [redacted]"
    assert found.asked == "n\ufffd"
