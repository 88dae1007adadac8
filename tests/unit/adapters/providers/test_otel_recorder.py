"""Model calls in spans become attempts of their trial, whichever conventions they follow and however they arrive."""

import asyncio
import gzip
import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.providers import otel_recorder
from passmuster.adapters.providers.otel_protobuf import ProtobufError, read_request
from passmuster.adapters.providers.otel_recorder import SpanFile, SpanReceiver, SpanRecorder
from passmuster.adapters.providers.otel_spans import read_spans
from passmuster.adapters.providers.pipeline_ledger import Account, Ledger
from passmuster.adapters.providers.wire_errors import Redactor
from passmuster.records.candidate import Price
from passmuster.records.trial import Attempt, Usage
from passmuster.testing import text_request

KEYS = [
    *(
        "resourceSpans",
        "scopeSpans",
        "spans",
        "traceId",
        "spanId",
        "attributes",
        "key",
        "value",
        "stringValue",
    ),
    *("startTimeUnixNano", "endTimeUnixNano", "events", "status"),
]
START, END = 1_700_000_000_000_000_000, 1_700_000_002_000_000_000
TRACE, SPAN = "ab" * 16, "cd" * 8


def value(given: object) -> dict[str, object]:
    if isinstance(given, bool):
        return {"boolValue": given}
    if isinstance(given, int):
        return {"intValue": str(given)}
    return {"doubleValue": given} if isinstance(given, float) else {"stringValue": given}


def attributes(said: dict[str, Any]) -> list[dict[str, object]]:
    return [{"key": key, "value": value(item)} for key, item in said.items()]


def span(said: dict[str, Any], name: str = SPAN, trace: str = TRACE, **more: object) -> dict[str, object]:
    return {
        "traceId": trace,
        "spanId": name,
        "startTimeUnixNano": str(START),
        "endTimeUnixNano": str(END),
        "attributes": attributes(said),
        **more,
    }


def request(*spans: object) -> dict[str, object]:
    return {"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {}, "spans": list(spans)}]}]}


def read(said: dict[str, Any], **more: Any) -> Attempt | None:
    [found] = read_spans(request(span(said, **more)), Redactor([]))
    return found.call


def call(said: dict[str, Any], **more: Any) -> Attempt:
    found = read(said, **more)
    assert found is not None
    return found


NEW = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "m",
    "gen_ai.response.model": "m-2026",
    "gen_ai.usage.input_tokens": 10,
    "gen_ai.usage.output_tokens": 5,
    "gen_ai.usage.cache_read.input_tokens": 4,
    "gen_ai.usage.cache_creation.input_tokens": 3,
    "gen_ai.usage.reasoning.output_tokens": 2,
    "gen_ai.response.time_to_first_chunk": 0.5,
}
OLD = {
    "gen_ai.system": "openai",
    "gen_ai.request.model": "m",
    "gen_ai.usage.prompt_tokens": 10,
    "gen_ai.usage.completion_tokens": 5,
}
OPEN_INFERENCE = {
    "openinference.span.kind": "LLM",
    "llm.model_name": "m",
    "llm.token_count.prompt": 10,
    "llm.token_count.completion": 5,
    "llm.token_count.prompt_details.cache_read": 4,
    "llm.token_count.completion_details.reasoning": 2,
    "llm.cost.total": 0.25,
}


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


class Binary:
    """Writes OTLP's binary form, so that what reads it is tested against another hand."""

    @staticmethod
    def varint(number: int) -> bytes:
        number &= (1 << 64) - 1
        out = b""
        while number > 0x7F:
            out += bytes([number & 0x7F | 0x80])
            number >>= 7
        return out + bytes([number])

    def field(self, number: int, content: bytes | str | float) -> bytes:
        if isinstance(content, int):
            return self.varint(number << 3) + self.varint(content)
        if isinstance(content, float):
            return self.varint(number << 3 | 1) + struct.pack("<d", content)
        data = content.encode() if isinstance(content, str) else content
        return self.varint(number << 3 | 2) + self.varint(len(data)) + data

    def time(self, number: int, nanoseconds: int) -> bytes:
        return self.varint(number << 3 | 1) + struct.pack("<Q", nanoseconds)

    def attributes(self, number: int, said: dict[str, Any]) -> bytes:
        places = {bool: 2, int: 3, float: 4}
        return b"".join(
            self.field(
                number, self.field(1, key) + self.field(2, self.field(places.get(type(item), 1), item))
            )
            for key, item in said.items()
        )

    def request(self, said: dict[str, Any], trace: str, parent: str) -> bytes:
        event = self.time(1, START + 10**9) + self.field(2, "First Token Stream Event") + self.field(4, 7)
        body = b"".join(
            (
                self.field(1, bytes.fromhex(trace)),
                self.field(2, bytes.fromhex(SPAN)),
                self.field(3, "state"),
                self.field(4, bytes.fromhex(parent)),
                self.field(5, "chat m"),
                self.field(6, 3),
                self.time(7, START),
                self.time(8, END),
                self.attributes(9, said),
                self.field(11, event),
                self.field(15, self.field(2, "it broke") + self.field(3, 2)),
                self.varint(16 << 3 | 5) + b"\0\0\0\0",
            )
        )
        return self.field(1, self.field(1, b"") + self.field(2, self.field(1, b"") + self.field(2, body)))


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


@asynccontextmanager
async def receiving(settle: float = 30.0, **settings: Any) -> AsyncIterator[SpanReceiver]:
    receiver = SpanReceiver(Ledger(**settings), settle=settle)
    await receiver.start()
    try:
        yield receiver
    finally:
        await receiver.close()


async def send(url: str, data: bytes, kind: str = "application/json", **headers: str) -> int:
    headers["Content-Type"] = kind
    async with aiohttp.ClientSession() as session, session.post(url, data=data, headers=headers) as answer:
        assert answer.content_type == kind or answer.status >= 400
        return answer.status


def inside(account: Account, said: dict[str, Any], name: str, parent: str) -> dict[str, object]:
    return span(said, name=name, trace=account.trace, parentSpanId=parent)


class TestTheReceiver:
    async def test_spans_become_attempts_of_the_trial_of_their_trace(self) -> None:
        async with receiving(price_of={"m": Price(input=1e5, output=0.0)}.get) as receiver:
            accounts = [receiver.begin(text_request("Hi"))[0] for _ in range(2)]
            for account, model in zip(accounts, ("m", "other"), strict=True):
                said = {**OLD, "gen_ai.request.model": model}
                root = inside(account, {}, "01" * 8, account.span)
                body = request(inside(account, said, "02" * 8, "01" * 8), root)
                assert await send(receiver.endpoint, json.dumps(body).encode()) == 200
            noted = [await receiver.end(account) for account in accounts]

        assert [[attempt.model for attempt in trial] for trial in noted] == [["m"], ["other"]]
        assert [trial[0].cost for trial in noted] == [1.0, None]
        assert not receiver.unattributed

    async def test_the_binary_form_and_compression_are_read(self) -> None:
        async with receiving() as receiver:
            account, _ = receiver.begin(text_request("Hi"))
            data = Binary().request(OPEN_INFERENCE, account.trace, account.span)
            packed = gzip.compress(data)
            headers = {"Content-Encoding": "gzip"}
            assert await send(receiver.endpoint, packed, "application/x-protobuf", **headers) == 200
            [attempt] = await receiver.end(account)

        assert attempt.usage == Usage(input=10, output=5, cached=4, reasoning=2)
        assert attempt.cost == 0.25

    async def test_a_trial_waits_for_the_span_that_all_others_are_part_of(self) -> None:
        async with receiving() as receiver:
            account, _ = receiver.begin(text_request("Hi"))
            ending = asyncio.ensure_future(receiver.end(account))
            for name, parent in (("02" * 8, "01" * 8), ("01" * 8, account.span)):
                await asyncio.sleep(0)
                assert not ending.done()
                body = request(inside(account, NEW if parent != account.span else {}, name, parent))
                await send(receiver.endpoint, json.dumps(body).encode())

            assert len(await ending) == 1

    async def test_but_not_for_ever_and_what_comes_late_is_counted(self) -> None:
        async with receiving(settle=0.01) as receiver:
            account, _ = receiver.begin(text_request("Hi"))
            assert await receiver.end(account) == ()
            body = request(inside(account, NEW, "02" * 8, account.span))
            await send(receiver.endpoint, json.dumps(body).encode())

        assert receiver.unattributed.late == 1

    async def test_a_call_that_two_instrumentations_saw_counts_once(self) -> None:
        async with receiving() as receiver:
            account, _ = receiver.begin(text_request("Hi"))
            outer = inside(account, OPEN_INFERENCE, "01" * 8, account.span)
            middle = inside(account, {}, "02" * 8, "01" * 8)
            inner = inside(account, NEW, "03" * 8, "02" * 8)
            body = json.dumps(request(inner, inner, middle, outer)).encode()
            await send(receiver.endpoint, body)
            await send(receiver.endpoint, body)
            noted = await receiver.end(account)

        assert [attempt.model for attempt in noted] == ["m-2026"]

    async def test_spans_in_a_circle_hold_nobody_up(self) -> None:
        async with receiving(settle=0.01) as receiver:
            account, _ = receiver.begin(text_request("Hi"))
            one = inside(account, NEW, "01" * 8, "02" * 8)
            two = inside(account, {}, "02" * 8, "01" * 8)
            await send(receiver.endpoint, json.dumps(request(one, two)).encode())

            assert len(await receiver.end(account)) == 1

    async def test_a_call_of_no_trial_is_counted_and_other_spans_are_not(self) -> None:
        async with receiving() as receiver:
            await send(receiver.endpoint, json.dumps(request(span(NEW), span({}))).encode())

        assert (receiver.unattributed.calls, receiver.unattributed.unpriced) == (1, 1)

    @pytest.mark.parametrize(
        ("data", "kind"),
        [
            (b"{oh no", "application/json"),
            (b"\xff\xff", "application/x-protobuf"),
            (b"[" * 10**6, "text/plain"),
        ],
    )
    async def test_spans_that_cannot_be_read_are_refused_and_counted(self, data: bytes, kind: str) -> None:
        async with receiving() as receiver:
            assert await send(receiver.endpoint, data, kind) == 400

        assert receiver.unattributed.refused == 1

    async def test_another_address_is_nobodys(self) -> None:
        async with receiving() as receiver:
            root = receiver.endpoint.split("/", 3)
            assert await send("/".join([*root[:3], "v1/traces"]), b"{}") == 404

    async def test_a_pipeline_is_told_where_to_send_them(self) -> None:
        async with receiving() as receiver:
            account, link = receiver.begin(text_request("Hi"))

            assert link.variables["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] == receiver.endpoint
            assert link.variables["TRACEPARENT"] == link.traceparent == account.traceparent
            assert "TRACEPARENT" not in link.shared

    async def test_a_lost_trial_waits_for_nothing_and_its_calls_are_counted(self) -> None:
        async with receiving() as receiver:
            account, _ = receiver.begin(text_request("Hi"))
            await send(
                receiver.endpoint, json.dumps(request(inside(account, NEW, "02" * 8, "01" * 8))).encode()
            )
            await receiver.end(account, lost=True)

        assert receiver.unattributed.calls == 1

    async def test_spans_of_a_trial_are_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(otel_recorder, "MOST_SPANS", 2)
        async with receiving(settle=0.01) as receiver:
            account, _ = receiver.begin(text_request("Hi"))
            spans = [inside(account, NEW, f"{number:016x}", "01" * 8) for number in range(5)]
            await send(receiver.endpoint, json.dumps(request(*spans)).encode())

            assert len(await receiver.end(account)) == 2
            assert receiver.unattributed.refused == 3


@asynccontextmanager
async def watching(path: Path, settle: float = 30.0) -> AsyncIterator[SpanFile]:
    recorder = SpanFile(path, Ledger(), settle=settle)
    await recorder.start()
    yield recorder
    await recorder.close()


def append(path: Path, *bodies: object, end: str = "\n") -> None:
    with path.open("a") as file:
        file.write("\n".join(json.dumps(body) for body in bodies) + end)


def told(recorder: SpanRecorder) -> tuple[Account, dict[str, object]]:
    account, _ = recorder.begin(text_request("Hi"))
    return account, request(inside(account, NEW, "02" * 8, account.span))


class TestTheFile:
    async def test_what_is_appended_during_a_trial_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "spans.jsonl"
        append(path, request(span(NEW)))
        async with watching(path) as recorder:
            for _ in range(2):
                account, body = told(recorder)
                append(path, {}, body)
                assert len(await recorder.end(account)) == 1

            assert not recorder.unattributed

    async def test_a_line_that_is_still_being_written_is_read_when_it_is_whole(self, tmp_path: Path) -> None:
        path = tmp_path / "spans.jsonl"
        async with watching(path) as recorder:
            account, body = told(recorder)
            text = json.dumps(body)
            path.write_text(text[:50])
            ending = asyncio.ensure_future(recorder.end(account))
            for _ in range(3):
                await asyncio.sleep(0.01)
            with path.open("a") as file:
                file.write(text[50:] + "\n")

            assert len(await ending) == 1

    async def test_a_file_that_is_begun_anew_is_read_from_its_beginning(self, tmp_path: Path) -> None:
        path = tmp_path / "spans.jsonl"
        append(path, *[request(span(NEW))] * 5)
        async with watching(path) as recorder:
            account, body = told(recorder)
            path.write_text("")
            append(path, body)

            assert len(await recorder.end(account)) == 1

    async def test_a_line_that_is_none_is_counted_and_the_next_one_read(self, tmp_path: Path) -> None:
        path = tmp_path / "spans.jsonl"
        async with watching(path) as recorder:
            account, body = told(recorder)
            path.write_text("{oh no\n\n" + "[" * 100_000 + "\n")
            append(path, body)

            assert len(await recorder.end(account)) == 1
            assert recorder.unattributed.refused == 2

    async def test_a_line_without_an_end_is_passed_over(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(otel_recorder, "BODY_LIMIT", 2_000)
        path = tmp_path / "spans.jsonl"
        async with watching(path) as recorder:
            account, body = told(recorder)
            path.write_text("x" * 5_000 + "\n")
            append(path, body)

            assert len(await recorder.end(account)) == 1
            assert recorder.unattributed.refused == 1

    async def test_without_a_file_there_are_no_calls(self, tmp_path: Path) -> None:
        async with watching(tmp_path / "none.jsonl", settle=0.01) as recorder:
            account, _ = told(recorder)

            assert await recorder.end(account) == ()
