"""Answers requests as the simulated models would, and keeps the truth of each."""

import asyncio
import math
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from aiohttp import web

from passmuster.adapters.simulator.answers import AnswerSource, RecordedReply, prompt_digest
from passmuster.adapters.simulator.asked import JsonObject, Problem, RefusedError, parsed
from passmuster.adapters.simulator.buckets import Limiter, Refusal
from passmuster.adapters.simulator.call import Call, stated_name, stated_number
from passmuster.adapters.simulator.delivery import Delivery
from passmuster.adapters.simulator.fates import STATUS, Attempts, Fates
from passmuster.adapters.simulator.models import SimulatedModel
from passmuster.adapters.simulator.surface import (
    Answer,
    Surface,
    count,
    sent_tokens,
    shortened,
    tokens_of,
)
from passmuster.adapters.simulator.timing import timing
from passmuster.adapters.simulator.truth import TruthLog
from passmuster.adapters.simulator.turns import Turns
from passmuster.records.digest import digest

BODY_LIMIT = 64 * 1024 * 1024
ERRORS: Mapping[int, tuple[str, str, str | None]] = {
    429: ("Rate limit reached.", "requests", "rate_limit_exceeded"),
    500: ("The server had an error.", "server_error", None),
    503: ("The service is not available.", "server_error", "service_unavailable"),
    529: ("Overloaded.", "overloaded_error", "overloaded"),
}


NO_TEXT = RecordedReply(text="", output_tokens=0)


class _Served:
    """A model with what belongs to it while it is served: its limits, its faults, and who answers now."""

    def __init__(self, model: SimulatedModel, seed: int, scale: float) -> None:
        self.model = model
        self.limiter = Limiter(model.limits, scale)
        self.fates = Fates(model.faults, seed)
        self.requests = 0
        reports = model.reports or model.name
        self._first = Identity(reports, f"fp_sim_{digest([seed, model.name])[:10]}", model.answers)
        self._scale = scale
        self._next = None
        if model.succession is not None:
            switch, answers = model.succession.switch, model.succession.answers
            fingerprint = switch.fingerprint or f"fp_sim_{digest([seed, model.name, 'next'])[:10]}"
            if switch.silent:
                fingerprint = self._first.fingerprint
            self._next = Identity(switch.reports or reports, fingerprint, answers or model.answers)

    def identity(self, number: int, seconds: float) -> "Identity":
        """Return who answers the request with this number, so many real seconds after the start."""
        if self._next is None or self.model.succession is None:
            return self._first
        switch = self.model.succession.switch
        if switch.at_request is not None:
            return self._next if number >= switch.at_request else self._first
        return self._next if seconds >= (switch.at_seconds or 0.0) * self._scale else self._first


class Identity(NamedTuple):
    """Who answers: as which model, with which fingerprint, and what."""

    reports: str
    fingerprint: str
    answers: AnswerSource


class Service:
    """Answers requests for models.

    Args:
        models: What is served, each under a name of its own.
        seed: Equal seeds give equal answers, times and faults.
        scale: Real seconds per simulated second.
        log: Where the truth goes.
        api_key: Where given, requests must carry it.
    """

    def __init__(
        self,
        models: Sequence[SimulatedModel],
        seed: int,
        scale: float,
        log: TruthLog,
        api_key: str | None = None,
    ) -> None:
        self._models = {model.name: _Served(model, seed, scale) for model in models}
        self._seed = seed
        self._scale = scale
        self._log = log
        self._api_key = api_key
        self._anchor = time.time() - time.monotonic()  # noqa: TID251 - the loop's clock gets the epoch's base once
        self._turns = Turns()
        self._attempts = Attempts()
        self.name = f"{self._anchor + time.monotonic():.6f}"
        self.stopping = False
        self._started = 0.0

    def start(self) -> None:
        """Begin to count the time, from which on models switch."""
        self._started = self.time()

    async def answer(
        self, request: web.Request, surface: Surface, stated_model: str | None = None
    ) -> web.StreamResponse:
        """Answer one request; it is in the log when this returns, or is cancelled because its client left."""
        call = self._begin(surface, request.headers)
        try:
            try:
                return await self._answered(request, call, stated_model)
            except RefusedError as refused:
                return await self._refuse(request, call, refused)
        except ConnectionError:
            call.left = True
            return web.Response(status=500)
        except asyncio.CancelledError:
            call.left = not self.stopping
            raise
        finally:
            self._end(call)

    def offline(self, surface: Surface, body: JsonObject, trial: str) -> tuple[int, bytes, float]:
        """Return status, body and simulated seconds of an answer that nobody waits for: a line of a batch.

        Rate limits do not hold here, and of the faults only those happen that are answered with an error.
        """
        call = self._begin(surface, {"X-Passmuster-Trial": trial})
        call.offline = True
        try:
            served = self._known(call, body, None)
            self._draw(call, served)
            found = surface.whole(self._made(call, served))
            call.status = 200
        except RefusedError as refused:
            call.status, found = refused.problem.status, surface.error(refused.problem)
        call.complete = True
        call.first_byte = call.last_byte = self.time()
        self._end(call)
        return call.status, found, call.times.seconds

    def time(self) -> float:
        """Return the loop's time."""
        return asyncio.get_running_loop().time()

    def now(self) -> float:
        """Return the seconds since the epoch."""
        return self._anchor + self.time()

    def _begin(self, surface: Surface, headers: Mapping[str, str]) -> Call:
        self._log.begun += 1
        return Call(
            number=self._log.begun,
            surface=surface,
            received=self.time(),
            repeat=stated_name(headers.get("X-Passmuster-Repeat")),
            trial=stated_name(headers.get("X-Passmuster-Trial")),
            attempt=stated_number(headers.get("X-Passmuster-Attempt")),
        )

    def _end(self, call: Call) -> None:
        if call.counted and call.turn is not None and (call.left or call.last_byte is None):
            self._turns.give_back(call.key, call.turn)
        self._log.note(call.served(self.name, self._anchor, self.time(), pieces=self._log.keeps_pieces))

    async def _answered(self, request: web.Request, call: Call, stated: str | None) -> web.StreamResponse:
        call.surface.check(request.headers, self._api_key)
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            raise RefusedError(Problem(413, f"The request is longer than {BODY_LIMIT} bytes.")) from None
        served = self._known(call, parsed(body), stated)
        if self._log.tells_begun:
            self._log.begin(call.served(self.name, self._anchor, None, pieces=False))
        self._admit(call, served)
        self._draw(call, served)
        if call.fault == "reset":
            return await Delivery(request, call, self._scale, {}).reset()
        answer = self._made(call, served)
        delivery = Delivery(request, call, self._scale, _headers(call) | self._limits(call, served))
        return await (delivery.stream(answer) if answer.asked.stream else delivery.whole(answer))

    def _known(self, call: Call, body: JsonObject, stated: str | None) -> _Served:
        """Return the model that is asked."""
        asked = call.asked = call.surface.read(body, stated)
        served = self._models.get(asked.model)
        if served is None:
            message = f"The model `{asked.model}` does not exist."
            raise RefusedError(Problem(404, message, code="model_not_found", param="model"))
        served.requests += 1
        call.place = served.requests
        call.digest = prompt_digest(asked.conversation)
        return served

    def _admit(self, call: Call, served: _Served) -> None:
        """Hold the model to its rate limits."""
        limiter = served.limiter
        asked = call.request
        if not limiter.limited:
            return
        refusal = limiter.admit(sent_tokens(asked) + (asked.max_tokens or 0), call.received)
        if refusal is None:
            return
        call.limited = True
        call.fault = "rate_limit" if limiter.headers else "rate_limit_bare"
        message = f"Rate limit reached for `{asked.model}` on {refusal.kind} per min."
        headers = {}
        if math.isinf(refusal.wait):
            message = f"Request too large for `{asked.model}` on {refusal.kind} per min."
        elif limiter.headers:
            headers = _retry_after(refusal)
        problem = Problem(429, message, refusal.kind, "rate_limit_exceeded")
        raise RefusedError(problem, headers | self._limits(call, served))

    def _limits(self, call: Call, served: _Served) -> dict[str, str]:
        limiter = served.limiter
        if not (limiter.limited and limiter.headers):
            return {}
        return call.surface.limits(limiter.standing(call.received), self._anchor + call.received)

    def _draw(self, call: Call, served: _Served) -> None:
        """Draw what goes wrong with this attempt.

        Raises:
            RefusedError: where it is answered with an error.
        """
        trying = self._attempts.next(*call.key, call.repeat or "", call.attempt)
        call.attempt, call.again = trying.number, trying.again
        fault = served.fates.of(trying)
        if fault == "malformed_stream" and not call.request.stream:
            fault = "truncated"
        if call.offline and fault not in STATUS:
            fault = None
        call.fault = fault
        if fault in STATUS:
            headers = self._limits(call, served)
            if fault == "rate_limit":
                headers["Retry-After"] = f"{served.model.faults.retry_after * self._scale:g}"
            raise RefusedError(Problem(STATUS[fault], *ERRORS[STATUS[fault]]), headers)

    def _made(self, call: Call, served: _Served) -> Answer:
        """Return the answer; what it takes and holds is in the account then."""
        model, asked = served.model, call.request
        repeat = stated_number(call.repeat)
        call.counted = repeat is None
        call.turn = self._turns.take(call.key) if repeat is None else repeat
        question = call.question(self._seed)
        identity = served.identity(call.place, call.received - self._started)
        reply = NO_TEXT if asked.inputs else identity.answers.answer(question)
        if reply is None:
            call.turn = None
            message = f"Nothing is recorded for this prompt (digest {call.digest}) of model `{asked.model}`."
            raise RefusedError(Problem(404, message, code="prompt_not_recorded", param="messages"))
        reply, call.used = shortened(reply, count(asked, reply, model.tokens), asked.max_tokens)
        if asked.max_tokens is None:
            served.limiter.charge(call.used.output)
        call.times = timing(model.latency, question, reply)
        if call.fault == "hang":
            call.times = call.times.later(model.faults.hang_seconds)
        call.drip = model.faults.drip_seconds
        call.reported = identity.reports
        shown = asked.logprobs and reply.confidence is not None
        return Answer(
            id=f"sim-{call.number}",
            model=call.reported,
            fingerprint=identity.fingerprint,
            asked=asked,
            reply=reply,
            tokens=tuple(tokens_of(reply.text)) if asked.stream or shown else (),
            usage=call.used if model.tokens.report else None,
            logprob=math.log(max(reply.confidence or 0.0, 1e-12)) if shown else None,
        )

    async def _refuse(self, request: web.Request, call: Call, refused: RefusedError) -> web.StreamResponse:
        headers = _headers(call) | refused.headers | {"Content-Type": "application/json"}
        if "Retry-After" in headers:
            milliseconds = headers.get("retry-after-ms")
            seconds = float(headers["Retry-After"])
            call.retry_after = seconds if milliseconds is None else int(milliseconds) / 1000
        body = call.surface.error(refused.problem)
        return await Delivery(request, call, self._scale, headers).error(refused.problem.status, body)


def _headers(call: Call) -> dict[str, str]:
    times = call.times
    return {
        "X-Simulated-Seconds": repr(times.seconds),
        "X-Simulated-First-Token": repr(times.first_token),
        "x-request-id": f"req-sim-{call.number}",
    }


def _retry_after(refusal: Refusal) -> dict[str, str]:
    """Return in how long to come again: whole seconds as HTTP has it, and milliseconds, both rounded up."""
    milliseconds = math.ceil(round(refusal.wait * 1000, 6))
    return {"Retry-After": str(-(-milliseconds // 1000)), "retry-after-ms": str(milliseconds)}
