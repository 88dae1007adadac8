"""Short ways to read one value."""

from pathlib import Path
from typing import Any

from passmuster.adapters.ingest.formats.format import Format, MappingError, NotCarried, Value
from passmuster.adapters.ingest.formats.table import values
from passmuster.adapters.ingest.tabular import Bad
from passmuster.records.case import Case, Conversation
from passmuster.records.traffic import TrafficRecord


def whole(path: Path, form: Format | None = None) -> list[Value]:
    rows = values(path, form)
    assert rows is not None
    found = list(rows)
    assert not [each for each in found if isinstance(each, Bad)]
    return [each for each in found if isinstance(each, Value)]


def record(form: Format, value: object) -> TrafficRecord:
    [found] = [each for each in form.read(value) if not isinstance(each, NotCarried)]
    assert isinstance(found, TrafficRecord)
    return found


def case(form: Format, value: object) -> Case:
    [found] = [each for each in form.read(value) if not isinstance(each, NotCarried)]
    assert isinstance(found, Case)
    return found


def conversation(found: TrafficRecord | Case) -> Conversation:
    assert isinstance(found.input, Conversation)
    return found.input


def left_out(form: Format, value: object) -> list[str]:
    return [each.what for each in form.read(value) if isinstance(each, NotCarried)]


def refusal(form: Format, value: object) -> str:
    try:
        found = list(form.read(value))
    except MappingError as error:
        return str(error)
    errors = [each for each in found if isinstance(each, MappingError)]
    assert len(errors) == 1, found
    return str(errors[0])


def changed(value: dict[str, Any], /, **more: Any) -> dict[str, Any]:
    return {name: each for name, each in {**value, **more}.items() if each is not ...}
