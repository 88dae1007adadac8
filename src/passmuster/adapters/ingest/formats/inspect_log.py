"""Inspect's samples: out of a log in JSON, or out of an `.eval` archive."""

import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from passmuster.adapters.ingest.formats.chats import asked, input_of
from passmuster.adapters.ingest.formats.fields import (
    LONGEST_LABEL,
    as_object,
    label,
    name_from,
    objects,
    sayable,
)
from passmuster.adapters.ingest.formats.format import Format, Found, MappingError, NotCarried, Value
from passmuster.errors import CorpusError, Place
from passmuster.records.case import Case, Conversation, Input
from passmuster.records.record import Json

ENDING = ".eval"
LARGEST_MEMBER = 1 << 27
"""Bytes of one sample, unpacked; a larger one is refused."""
LARGEST_WHOLE = 1 << 34
"""Bytes of all samples, unpacked."""
MOST_SAMPLES = 1_000_000
"""Samples that an archive may list."""
_CHUNK = 1 << 20
_READABLE = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ZSTANDARD = 93
_DUMP = "write it as JSON with `inspect log dump FILE > samples.json`, and import that"
_RUN_BY = ("output", "scores", "messages", "events")
_SETUP = ("sandbox", "files", "setup")


def _recognise(sample: Sequence[Json]) -> str | None:
    for value in sample:
        if not isinstance(value, dict):
            continue
        if isinstance(value.get("eval"), dict) and {"status", "version"} & value.keys():
            return "it is a log with `eval` and `samples`"
        if (
            value.keys() >= {"input", "target"}
            and {"epoch", "choices", "sandbox", "files", "setup"} & value.keys()
        ):
            return "its samples hold `input` and `target`"
    return None


def _read(value: Json) -> Iterator[Found]:
    held = as_object(value)
    if "samples" not in held and isinstance(held.get("eval"), dict):
        message = "the log holds no samples: it was written without them, or the run did not finish"
        raise MappingError(message, ("samples",))
    if "samples" not in held:
        yield from _sample(held)
        return
    seen: set[str] = set()
    for index, sample in enumerate(objects(held["samples"])):
        name = label(sample.get("id"))
        if name is not None and name in seen:
            yield _repeat(name)
            continue
        seen.add(name or "")
        try:
            yield from list(_sample({**sample, "epoch": 1}))
        except MappingError as error:
            yield MappingError(error.message, ("samples", index, *error.steps))


def _repeat(name: str) -> NotCarried:
    return NotCarried("further epochs", "repeats of a sample are one case", name)


def _sample(held: Mapping[str, Json]) -> Iterator[Found]:
    notes: list[NotCarried] = []
    given = _input(held, notes)
    name = label(held.get("id")) or name_from(given)
    epoch = held.get("epoch")
    if isinstance(epoch, int) and epoch > 1:
        yield _repeat(name)
        return
    target = held.get("target")
    if isinstance(target, list):
        target = target[0] if len(target) == 1 else target or None
    metadata = held.get("metadata")
    tags = [
        f"{key}={value}"[:LONGEST_LABEL]
        for key, value in (metadata.items() if isinstance(metadata, dict) else ())
        if isinstance(value, str | int | float | bool) and value != "" and len(str(value)) <= 100
    ]
    yield Case(
        id=name,
        input=given,
        reference=None if target == "" else sayable(target, ("target",)),
        tags=tuple(dict.fromkeys(tags[:20])),
        origin="expert",
    )
    if any(held.get(key) for key in _RUN_BY):
        notes.append(NotCarried("answers and scores of the log", "they belong to a run, not to a case"))
    notes += [
        NotCarried(f"{key!r} of a sample", "what runs in a sandbox is not part of a case")
        for key in _SETUP
        if held.get(key)
    ]
    yield from (note._replace(where=name) for note in notes)


def _input(held: Mapping[str, Json], notes: list[NotCarried]) -> Input:
    raw = held.get("input")
    if isinstance(raw, list):
        given: Input = asked({"messages": raw}, ("input",), notes)
    else:
        given = input_of(raw, ("input",), notes)
    choices = held.get("choices")
    if not isinstance(choices, list) or not choices:
        return given
    if isinstance(given, Conversation):
        notes.append(NotCarried("choices beside a conversation", "write them into its last message"))
        return given
    return {"question": given, "choices": sayable(choices, ("choices",))}


def inspect_rows(path: Path) -> Iterator[Value]:
    """Yield the samples of an `.eval` archive, the first epoch of each first; of any other file its values.

    Members are read one at a time, and no more of one than a sample may have.

    Raises:
        CorpusError: where it is no archive, is broken, is packed in a way that cannot be read here, or is so large
            that it is none that a person made.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            yield from _members(archive, path)
    except FileNotFoundError:
        raise CorpusError("there is no such file", place=Place(str(path))) from None
    # An encrypted member raises a `RuntimeError`.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        message = f"the archive is broken: {error}"
        raise CorpusError(message, place=Place(str(path)), hint=f"If Inspect can read it, {_DUMP}.") from None
    except OSError as error:
        message = f"the file cannot be read: {error.strerror or error}"
        raise CorpusError(message, place=Place(str(path))) from None


def _members(archive: zipfile.ZipFile, path: Path) -> Iterator[Value]:
    samples = [
        each for each in archive.infolist() if each.filename.startswith("samples/") and not each.is_dir()
    ]
    if len(samples) > MOST_SAMPLES:
        raise CorpusError(f"the archive lists {len(samples):,} samples", place=Place(str(path)))
    if not samples:
        message = "the archive holds no samples: it is no log of Inspect, or its run was ended at once"
        raise CorpusError(message, place=Place(str(path)))
    read = 0
    for member in samples:
        if member.compress_type not in _READABLE and not _has_zstandard(member):
            raise _unreadable(member, path)
        raw = _unpacked(archive, member, path)
        read += len(raw)
        if read > LARGEST_WHOLE:
            raise CorpusError("the archive unpacks to more than 16 GB", place=Place(str(path)))
        try:
            value = json.loads(raw, parse_constant=lambda _: None)
        except (ValueError, RecursionError) as error:
            message = f"{member.filename}: not valid JSON: {str(error)[:100]}"
            raise CorpusError(message, place=Place(str(path))) from None
        yield Value(member.filename, value)


def _has_zstandard(member: zipfile.ZipInfo) -> bool:
    """Return whether this Python unpacks Zstandard: from 3.14 on."""
    return member.compress_type == _ZSTANDARD and hasattr(zipfile, "ZIP_ZSTANDARD")


def _unreadable(member: zipfile.ZipInfo, path: Path) -> CorpusError:
    if member.compress_type == _ZSTANDARD:
        message = (
            "its samples are packed with Zstandard, which this Python cannot unpack (3.14 and later can)"
        )
    else:
        message = f"its samples are packed in a way that is not known (ZIP method {member.compress_type})"
    return CorpusError(message, place=Place(str(path)), hint=_DUMP[0].upper() + _DUMP[1:] + ".")


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> bytes:
    """Return a member's content; what its directory says of its size is not believed."""
    parts, size = [], 0
    with archive.open(member) as stream:
        while piece := stream.read(_CHUNK):
            size += len(piece)
            if size > LARGEST_MEMBER:
                message = f"{member.filename} unpacks to more than {LARGEST_MEMBER >> 20} MB"
                raise CorpusError(message, place=Place(str(path)), hint="a sample of that size is no case")
            parts.append(piece)
    return b"".join(parts)


INSPECT = Format(
    name="inspect",
    title="Inspect samples (an .eval log, or its JSON)",
    kind="cases",
    suffixes=(ENDING, ".json", ".jsonl"),
    recognise=_recognise,
    read=_read,
)
