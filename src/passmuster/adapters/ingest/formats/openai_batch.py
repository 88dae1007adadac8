"""OpenAI's batches: a file of requests, and a file of what came back, joined by `custom_id`."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from passmuster.adapters.ingest.formats.fields import as_object, label
from passmuster.adapters.ingest.formats.format import Format, Found, MappingError, NotCarried, Value
from passmuster.adapters.ingest.formats.joined import Joined, Row, files_below, rows_of
from passmuster.adapters.ingest.formats.openai_chat import call_record
from passmuster.adapters.ingest.tabular import Bad
from passmuster.records.record import Json

ANSWER = "batch_output"
"""Under what the line of the output is put in the line of the input."""
_WORDLESS = ("embeddings", "moderations", "images", "audio")


def _recognise(sample: Sequence[Json]) -> str | None:
    for value in sample:
        if isinstance(value, dict) and "custom_id" in value:
            if isinstance(value.get("body"), dict):
                return "its lines hold `custom_id` and `body`: requests of a batch"
            if isinstance(value.get("response"), dict) or value.get("error"):
                return "its lines hold `custom_id` and `response`: what came back of a batch"
    return None


def _recognise_folder(path: Path) -> str | None:
    for file in files_below(path)[:20]:
        sample = [row.value for row in _some(file)]
        if _recognise(sample) is not None:
            return f"{file.name} holds `custom_id`"
    return None


def _some(file: Path) -> list[Row]:
    return list(islice((row for row in rows_of(file) if isinstance(row, Row)), 3))


def _read(value: Json) -> Iterator[Found]:
    held = as_object(value)
    body = held.get("body")
    if not isinstance(body, dict):
        message = (
            "this is what came back of a batch, without what was asked: "
            "give the folder that holds the file of requests too"
        )
        raise MappingError(message, ("body",))
    name = label(held.get("custom_id"))
    if name is None:
        message = "the request has no `custom_id`"
        raise MappingError(message, ("custom_id",))
    url = str(held.get("url", ""))
    if any(word in url for word in _WORDLESS):
        yield NotCarried(f"requests to {url[:60]}", "they are not answered with text", name)
        return
    answer = held.get(ANSWER)
    output = as_object(answer) if answer is not None else {}
    response = output.get("response")
    response = response if isinstance(response, dict) else {}
    about: dict[str, Json] = {"id": name, "error": output.get("error"), "url": url or None}
    status = response.get("status_code")
    yield from call_record({**about, "status_code": status}, body, response.get("body"))


def _rows(path: Path) -> Iterator[Value | Bad]:
    """Yield the requests of a folder, each with what came back for it."""
    files = files_below(path) if path.is_dir() else [path]
    with Joined() as joined:
        asked = []
        for file in files:
            if any("body" in row.value for row in _some(file)):
                asked.append(file)
                continue
            for row in rows_of(file):
                if isinstance(row, Bad):
                    yield row
                else:
                    joined.put("answer", label(row.value.get("custom_id")) or "", row.value)
        for file in asked:
            for row in rows_of(file):
                yield row if isinstance(row, Bad) else _answered(row, joined)


def _answered(row: Row, joined: Joined) -> Value:
    found = joined.get("answer", label(row.value.get("custom_id")) or "")
    return Value(row.where, {**row.value, ANSWER: found[-1]} if found else row.value)


OPENAI_BATCH = Format(
    name="openai-batch",
    title="OpenAI batches (requests; in a folder with what came back)",
    kind="traffic",
    suffixes=(".jsonl", ".jsonl.gz", "/"),
    recognise=_recognise,
    read=_read,
    rows=_rows,
    recognise_folder=_recognise_folder,
)
"""Give the folder that holds both files to have requests and answers joined."""
