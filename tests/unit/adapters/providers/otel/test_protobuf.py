"""The binary form of spans says the same as JSON, and no bytes break what reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.adapters.providers.otel.spans import OPEN_INFERENCE, SPAN, START, TRACE, Binary, call

from passmuster.adapters.providers.otel.protobuf import ProtobufError, read_request
from passmuster.adapters.providers.otel.spans import read_spans
from passmuster.adapters.providers.wire.errors import Redactor


class TestTheBinaryForm:
    def test_it_says_the_same_as_json(self) -> None:
        parsed = read_request(
            Binary().request({**OPEN_INFERENCE, "other": -5, "flag": True}, TRACE, "ef" * 8)
        )

        [found] = read_spans(parsed, Redactor([]))
        expected = call(
            OPEN_INFERENCE,
            events=[{"name": "First Token Stream Event", "timeUnixNano": START + 10**9}],
            status={"code": 2, "message": "it broke"},
        )
        assert (found.trace, found.span, found.parent) == (TRACE, SPAN, "ef" * 8)
        assert found.call == expected
        said = parsed["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"]
        assert said[-2:] == [
            {"key": "other", "value": {"intValue": -5}},
            {"key": "flag", "value": {"boolValue": True}},
        ]

    @given(st.binary(max_size=200))
    def test_no_bytes_break_it(self, data: bytes) -> None:
        try:
            list(read_spans(read_request(data), Redactor([])))
        except ProtobufError:
            return

    @given(st.data())
    def test_no_cut_breaks_it(self, data: st.DataObject) -> None:
        whole = Binary().request(OPEN_INFERENCE, TRACE, "ef" * 8)
        cut = whole[: data.draw(st.integers(1, len(whole) - 1))]

        with pytest.raises(ProtobufError):
            read_request(cut)
