"""A wrong option is named by its place in the project file, with what it may be."""

import pytest

from passmuster.errors import ConfigurationError
from passmuster.metrics.registry import build_metric
from passmuster.records.record import Json
from passmuster.records.task import MetricSpec


def told(kind: str, options: dict[str, Json]) -> str:
    with pytest.raises(ConfigurationError) as error:
        build_metric(MetricSpec(name="mine", kind=kind, options=options))
    return error.value.message


def test_a_kind_of_field_that_there_is_not_is_answered_with_those_that_there_are() -> None:
    text = told("field_f1", {"fields": {"total": "moneyy"}})
    assert text.startswith("metric mine, option 'fields.total': ")
    assert "'money'" in text
    assert text.endswith("not 'moneyy'")


def test_so_is_one_inside_a_rule() -> None:
    text = told("field_f1", {"fields": {"total": {"kind": "moneyy"}}})
    assert text.startswith("metric mine, option 'fields.total.kind': ")
    assert "'money'" in text


def test_an_option_that_is_missing_inside_another_is_named_by_its_place() -> None:
    assert (
        told("instructions", {"contains": [{"at_least": 2}]})
        == "metric mine needs the option 'contains.0.text'"
    )
