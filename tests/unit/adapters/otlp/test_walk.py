"""The walk over OTLP's JSON: attributes of any depth, names, times; what is of no form is passed over."""

from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.otlp.nesting import ancestors, wrappers
from passmuster.adapters.otlp.walk import DEEPEST, attributes, spans

VALUES = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def written(value: object) -> dict[str, object]:
    """Return a value as OTLP writes it in JSON: whole numbers are texts."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [written(each) for each in value]}}
    assert isinstance(value, dict)
    pairs = [{"key": name, "value": written(each)} for name, each in value.items()]
    return {"kvlistValue": {"values": pairs}}


@given(VALUES)
def test_a_value_of_any_depth_comes_back(value: object) -> None:
    held = {"attributes": [{"key": "a", "value": written(value)}]}

    assert attributes(held, deep=True) == {"a": value}


def test_an_empty_list_and_mapping_come_back() -> None:
    held = {"key": "a", "value": {"arrayValue": {}}}, {"key": "b", "value": {"kvlistValue": {}}}

    assert attributes({"attributes": list(held)}, deep=True) == {"a": [], "b": {}}


def test_what_lies_too_deep_is_left_out() -> None:
    value: dict[str, object] = {"stringValue": "x"}
    for _ in range(900):
        value = {"arrayValue": {"values": [value]}}
    found = attributes({"attributes": [{"key": "a", "value": value}]}, deep=True)["a"]
    depth = 0
    while isinstance(found, list):
        depth, found = depth + 1, found[0]

    assert (depth, found) == (DEEPEST + 1, None)


def test_lists_stay_as_they_came_unless_they_are_asked_for() -> None:
    held = {"arrayValue": {"values": [{"stringValue": "x"}]}}

    assert attributes({"attributes": [{"key": "a", "value": held}]}) == {"a": held["arrayValue"]}


def test_a_span_has_the_attributes_of_its_resource() -> None:
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
    for scopes in ("scopeSpans", "scope_spans", "instrumentationLibrarySpans"):
        body = {"resourceSpans": [{"resource": resource, scopes: [{"spans": [{"name": "a"}, 3]}]}, "x"]}

        assert list(spans(body)) == [({"service.name": "shop"}, {"name": "a"})]


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["a", "b", "c", "d", "e", "f", ""])))
def test_ancestors_are_all_above_even_in_a_ring(parents: dict[str, str]) -> None:
    for name in "abcdef":
        climbed: list[str] = []
        above = parents.get(name, "")
        while above and above not in climbed:
            climbed.append(above)
            above = parents.get(above, "")

        assert ancestors([name], parents) - {name} == set(climbed) - {name}


def test_calls_inside_a_call_make_it_a_wrapper() -> None:
    parents = {"b": "a", "c": "b", "d": "c", "e": "a"}

    assert wrappers(["a", "c", "d"], parents) == {"a", "c"}
    assert wrappers(["d", "e"], parents) == set()
