"""What the surfaces of OpenAI have in common: keys, errors, limits, usage and logprobs."""

from collections.abc import Mapping, Sequence

from passmuster.adapters.simulator.asked import JsonObject, Problem, RefusedError
from passmuster.adapters.simulator.buckets import Standing, duration
from passmuster.adapters.simulator.surface import Answer, Counted, compact


class OpenAISurface:
    """The part of a surface that all of OpenAI's share; Azure's key stands in another header."""

    def check(self, headers: Mapping[str, str], api_key: str | None) -> None:
        """Look at the key.

        Raises:
            RefusedError: where it is wrong.
        """
        if api_key is None or headers.get("Authorization") == f"Bearer {api_key}":
            return
        if headers.get("api-key") != api_key:
            raise RefusedError(Problem(401, "Incorrect API key provided.", code="invalid_api_key"))

    def error(self, problem: Problem) -> bytes:
        """Return the body of an error."""
        return openai_error(problem)

    def limits(self, standing: Standing, now: float) -> dict[str, str]:  # noqa: ARG002 - the port gives it
        """Return the headers that tell of limits."""
        headers = {}
        for name, allowance in standing._asdict().items():
            if allowance is not None:
                headers[f"x-ratelimit-limit-{name}"] = str(allowance.limit)
                headers[f"x-ratelimit-remaining-{name}"] = str(allowance.remaining)
                headers[f"x-ratelimit-reset-{name}"] = duration(allowance.reset)
        return headers


def openai_error(problem: Problem) -> bytes:
    """Return the body of an error as OpenAI writes it."""
    told = {
        "message": problem.message,
        "type": problem.kind,
        "param": problem.param,
        "code": problem.code,
    }
    return compact({"error": told})


def completion_usage(used: Counted) -> JsonObject:
    """Return the usage of a completion."""
    return {
        "prompt_tokens": used.input,
        "completion_tokens": used.output,
        "total_tokens": used.input + used.output,
        "prompt_tokens_details": {"cached_tokens": used.cached},
        "completion_tokens_details": {"reasoning_tokens": used.reasoning},
    }


def token_logprobs(answer: Answer, tokens: Sequence[str]) -> list[JsonObject] | None:
    """Return what is said of each token, None where nothing is to be shown."""
    if answer.logprob is None:
        return None
    return [
        {
            "token": token,
            "logprob": answer.logprob,
            "bytes": list(token.encode("utf-8", "replace")),
            "top_logprobs": [],
        }
        for token in tokens
    ]
