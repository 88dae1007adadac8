"""What a client asks, whichever surface it comes through, and how a request is turned down."""

import json
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from passmuster.records.case import Conversation
from passmuster.records.record import Json, Record

LARGEST = 2**31 - 1
JsonObject: TypeAlias = dict[str, Json]


class Problem(NamedTuple):
    """An error as endpoints tell it: HTTP status, text, OpenAI's type and code, the parameter at fault."""

    status: int
    message: str
    kind: str = "invalid_request_error"
    code: str | None = None
    param: str | None = None


class RefusedError(Exception):
    """The request is answered with an error and these headers."""

    def __init__(self, problem: Problem, headers: dict[str, str] | None = None) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.headers = headers or {}


class BadRequestError(RefusedError):
    """The request is not one that the endpoint would take; `param` names the part."""

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(Problem(400, message, param=param))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Record):
    """A request for an answer; `inputs` are the texts of a request for embeddings."""

    model: str
    conversation: Conversation
    stream: bool = False
    usage_in_stream: bool = False
    logprobs: bool = False
    max_tokens: int | None = None
    inputs: tuple[str, ...] = ()
    dimensions: int | None = None
    base64: bool = False


def parsed(body: bytes) -> JsonObject:
    """Return the JSON object of a body.

    Raises:
        BadRequestError: where it is none.
    """
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError) as problem:
        message = "We could not parse the JSON body of your request."
        raise BadRequestError(message) from problem
    if not isinstance(asked, dict):
        message = "The body of the request must be a JSON object."
        raise BadRequestError(message)
    return asked


def named_model(asked: JsonObject, stated: str | None) -> str:
    """Return the model that is asked: the one in the address where there is one, else the one in the body.

    Raises:
        BadRequestError: where neither names one.
    """
    model = asked.get("model") if stated is None else stated
    if not isinstance(model, str):
        message = "you must provide a model parameter"
        raise BadRequestError(message, "model")
    return model


def whole_number(asked: JsonObject, *names: str) -> int | None:
    """Return the first of these members that is given.

    Raises:
        BadRequestError: where it is no whole number from 1 to 2,147,483,647.
    """
    for name in names:
        value = asked.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LARGEST:
            message = f"Invalid '{name}': expected a whole number from 1 to {LARGEST}."
            raise BadRequestError(message, name)
        return value
    return None


def member(raw: Json, key: str) -> JsonObject:
    """Return an object inside an object, empty where there is none."""
    value = raw.get(key) if isinstance(raw, dict) else None
    return value if isinstance(value, dict) else {}
