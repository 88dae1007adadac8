"""Model calls in spans become attempts of their trial, however they arrive."""

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.adapters.providers.otel.spans import (
    NEW,
    OLD,
    OPEN_INFERENCE,
    Binary,
    append,
    inside,
    receiving,
    request,
    send,
    span,
    told,
    watching,
)

from passmuster.adapters.providers.otel import recorder as otel_recorder
from passmuster.records.candidate import Price
from passmuster.records.trial import Usage
from passmuster.testing import text_request


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
            packed = gzip.compress(data, mtime=0)
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

    async def test_nor_are_those_of_a_trial_that_is_cancelled_while_it_waits(self) -> None:
        async with receiving() as receiver:
            account, _ = receiver.begin(text_request("Hi"))
            receiver.take(request(inside(account, NEW, "02" * 8, "01" * 8)))
            ending = asyncio.ensure_future(receiver.end(account))
            await asyncio.sleep(0)
            ending.cancel()
            await asyncio.wait([ending])

        assert ending.cancelled()
        assert receiver.unattributed.calls == 1

    async def test_calls_inside_one_another_are_looked_through_once_however_deep_they_are(self) -> None:
        class Counted(dict[str, str]):
            looked_up = 0

            def get(self, key: str, default: Any = None) -> Any:
                self.looked_up += 1
                return super().get(key, default)

        deep, parents = 300, Counted()
        async with receiving() as receiver:
            account, _ = receiver.begin(text_request("Hi"))
            receiver._traces[account.trace].parents = parents
            for number in range(deep):
                parent = f"{number + 1:016x}" if number + 1 < deep else account.span
                receiver.take(request(inside(account, NEW, f"{number:016x}", parent)))
            noted = await receiver.end(account)

        assert len(noted) == 1
        assert parents.looked_up <= 3 * deep

    async def test_spans_of_a_trial_are_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(otel_recorder, "MOST_SPANS", 2)
        async with receiving(settle=0.01) as receiver:
            account, _ = receiver.begin(text_request("Hi"))
            spans = [inside(account, NEW, f"{number:016x}", "01" * 8) for number in range(5)]
            await send(receiver.endpoint, json.dumps(request(*spans)).encode())

            assert len(await receiver.end(account)) == 2
            assert receiver.unattributed.refused == 3


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
