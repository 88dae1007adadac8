import pytest

from passmuster.records.candidate import Candidate, Egress, Price, Prompt, candidate_digest
from passmuster.records.case import Case
from passmuster.records.trial import (
    Attempt,
    Exchange,
    Failure,
    FailureKind,
    Reply,
    Request,
    Source,
    TokenLogprob,
    Usage,
)
from passmuster.testing import FakeProvider
from passmuster.workflows.check import CheckResult, check

CASE = Case(id="1", input="hello")
LOGPROBS = tuple(TokenLogprob(token=text, logprob=-0.1) for text in ("h", "i"))


class Clock:
    def now(self) -> float:
        return 5.0

    async def sleep(self, seconds: float) -> None:
        """A check never waits."""


class Endpoint:
    source: Source = "measured"

    def __init__(self, exchange: Exchange | None = None) -> None:
        self.exchange = exchange
        self.requests: list[Request] = []

    async def ask(self, request: Request) -> Exchange:
        self.requests.append(request)
        if self.exchange is None:
            raise OSError("no such thing")
        return self.exchange

    async def close(self) -> None:
        """Nothing is open."""


async def checked(candidate: Candidate, endpoint: Endpoint) -> CheckResult:
    (result,) = await check([CASE], [candidate], {candidate_digest(candidate): endpoint}, Clock())
    return result


async def test_a_check_tells_what_one_call_showed() -> None:
    candidate = Candidate(name="m", provider="openai", model="m", price=Price(input=1.0, output=2.0))
    reply = Reply(text="hi", model="m-2026", fingerprint="fp", logprobs=LOGPROBS)
    usage = Usage(input=1_000_000, output=500_000)
    endpoint = Endpoint(Exchange(reply, Attempt(started=1.0, seconds=0.4, first_token=0.1, usage=usage)))

    assert await checked(candidate, endpoint) == CheckResult(
        candidate="m",
        ok=True,
        key=True,
        asked="m",
        model="m-2026",
        fingerprint="fp",
        price=True,
        streaming=True,
        logprobs=True,
        latency=0.4,
        first_token=0.1,
        usage=usage,
        cost=2.0,
        reply="hi",
    )
    assert [request.conversation.messages[0].content for request in endpoint.requests] == ["hello"]


@pytest.mark.parametrize(
    ("asked", "reported", "other"),
    [
        ("gpt-4o-mini", "gpt-4o-mini-2024-07-18", False),
        ("gpt-4o-mini-2024-07-18", "gpt-4o-mini", False),
        ("meta-llama/Llama-3-8B", "llama-3-8b", False),
        ("gemini-2.0-flash", "models/gemini-2.0-flash", False),
        ("llama-3-8b:free", "meta-llama/llama-3-8b", False),
        ("gpt-4o", "gpt-3.5-turbo", True),
        ("gpt-4o-mini", "gpt-4o", False),
        ("gpt-4o-mini", "gpt-4o-nano", True),
        ("openai/gpt-4o", "openai/gpt-4.1", True),
        ("gpt-4o", None, False),
        ("gpt-4o", "", False),
        (None, "gpt-4o", False),
    ],
)
async def test_an_endpoint_that_says_another_model_answered_is_told(
    asked: str | None, reported: str | None, *, other: bool
) -> None:
    endpoint = Endpoint(Exchange(Reply(text="hi", model=reported), Attempt(started=1.0)))
    result = await checked(Candidate(name="m", provider="openai", model=asked), endpoint)
    assert (result.asked, result.model, result.other_model, result.ok) == (asked, reported, other, True)


@pytest.mark.parametrize(
    ("kind", "key"),
    [("auth", False), ("rate_limit", True), ("bad_request", True), ("connection", None), ("timeout", None)],
)
async def test_a_failed_call_is_told_once_with_what_it_says_of_the_key(
    kind: FailureKind, *, key: bool | None
) -> None:
    endpoint = Endpoint(Exchange(Failure(kind=kind, message="no"), Attempt(started=1.0, seconds=0.1)))

    result = await checked(Candidate(name="m", provider="openai"), endpoint)

    assert (result.ok, result.kind, result.error, result.key) == (False, kind, "no", key)
    assert (result.price, result.cost, result.model) == (False, None, None)
    assert len(endpoint.requests) == 1


async def test_a_broken_provider_is_a_result_and_stops_no_other() -> None:
    broken, working = Candidate(name="a", provider="x"), Candidate(name="b", provider="y")
    endpoints = {
        candidate_digest(broken): Endpoint(),
        candidate_digest(working): Endpoint(Exchange(Reply(text=""), Attempt(started=1.0))),
    }

    results = await check([CASE], [broken, working], endpoints, Clock())

    assert [(result.candidate, result.ok, result.error) for result in results] == [
        ("a", False, "OSError: no such thing"),
        ("b", True, None),
    ]


async def test_a_prompt_that_does_not_fit_makes_no_call() -> None:
    endpoint = Endpoint()
    candidate = Candidate(name="m", provider="openai", prompt=Prompt(name="p", user="{{ inptu }}"))

    result = await checked(candidate, endpoint)

    assert (result.ok, result.kind, endpoint.requests) == (False, "prompt", [])
    assert result.error is not None
    assert "did you mean 'input'?" in result.error


async def test_nobody_is_checked_with_a_case_that_may_not_be_sent_to_it() -> None:
    private = Case(id="p", input="Write to jo@example.com")
    closed = Candidate(name="closed", provider="openai", model="m", egress=Egress(personal_data=False))
    endpoint = FakeProvider()
    providers = {candidate_digest(closed): endpoint}
    await check([private, CASE], [closed], providers, Clock())
    assert [request.case.id for request in endpoint.asked] == [CASE.id]
    (result,) = await check([private], [closed], providers, Clock())
    assert not result.ok
    assert "egress" in str(result.error)
