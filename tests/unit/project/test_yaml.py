import pytest

from passmuster.errors import ConfigurationError, Place
from passmuster.project.yaml import read_yaml


def data(text: str, **environment: str) -> object:
    return read_yaml(text, "x.yaml", environment).data


def error(text: str, **environment: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read_yaml(text, "x.yaml", environment)
    return str(caught.value)


def test_words_that_yaml_1_1_takes_for_booleans_stay_text() -> None:
    assert data("[no, yes, on, off, n, True, NULL, true, false, null, ~]") == [
        "no", "yes", "on", "off", "n", "True", "NULL", True, False, None, None,
    ]  # fmt: skip


def test_dates_octals_and_sexagesimals_stay_what_they_look_like() -> None:
    assert data("[2026-01-02, 12:30:45, 0x10, 1_000, .inf, 010, 1.5, -2, 1e3]") == [
        "2026-01-02", "12:30:45", "0x10", "1_000", ".inf", 10, 1.5, -2, 1000.0,
    ]  # fmt: skip


def test_quoted_scalars_are_text() -> None:
    assert data("a: \"1\"\nb: 'true'\nc: |-\n  3") == {"a": "1", "b": "true", "c": "3"}


def test_every_key_and_value_has_its_place() -> None:
    document = read_yaml("a:\n  - b: 1\n    c: {d: x}\n", "x.yaml", {})
    assert document.key(("a", 0, "c")) == Place("x.yaml", 3, 5)
    assert document.value(("a", 0, "c", "d")) == Place("x.yaml", 3, 12)


def test_merged_keys_keep_the_place_where_they_were_written_and_own_keys_win() -> None:
    document = read_yaml("base: &b {x: 1, y: 2}\na:\n  <<: *b\n  y: 3\n", "x.yaml", {})
    assert document.data == {"base": {"x": 1, "y": 2}, "a": {"x": 1, "y": 3}}
    assert document.key(("a", "x")) == Place("x.yaml", 1, 11)
    assert document.key(("a", "y")) == Place("x.yaml", 4, 3)


def test_a_list_of_merges_takes_the_first_that_names_a_key() -> None:
    text = "p: &p {x: 1}\nq: &q {x: 2, z: 4}\na: {<<: [*p, *q]}"
    assert read_yaml(text, "x.yaml", {}).data == {"p": {"x": 1}, "q": {"x": 2, "z": 4}, "a": {"x": 1, "z": 4}}


def test_a_key_that_stands_twice_is_an_error() -> None:
    assert error("a: 1\nb: 2\na: 3") == (
        "x.yaml:3:1: the key 'a' stands here a second time; the first is in line 1"
    )


@pytest.mark.parametrize("text", ["a: !!python/object:os.system x", "a: !!str 3", "a: !x {}", "!!map {a: 1}"])
def test_tags_are_refused(text: str) -> None:
    assert "is not allowed" in error(text)


def test_alias_bombs_are_bounded() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n"
    for here, before in zip("bcdefgh", "abcdefg", strict=True):
        bomb += f"{here}: &{here} [{','.join([f'*{before}'] * 9)}]\n"
    assert "once its aliases are followed" in error(bomb)
    merges = "a: &a {k: 1}\n"
    for here, before in zip("bcdefgh", "abcdefg", strict=True):
        merges += f"{here}: &{here} {{<<: [{','.join([f'*{before}'] * 9)}]}}\n"
    assert "once its aliases are followed" in error(merges)


@pytest.mark.parametrize("text", ["&a [*a]", "a: &a {<<: *a}", "[" * 5000, "a: &a {b: *a}"])
def test_nesting_is_bounded(text: str) -> None:
    assert "nested deeper than 40 levels" in error(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [("a: [", "1:5"), ("a: b: c", "1:5"), ("a: *x", "1:4"), ("a:\n\tb: 1", "2:1"), ("a: \x01", "1:4")],
)
def test_text_that_is_no_yaml_has_its_place(text: str, place: str) -> None:
    assert error(text).startswith(f"x.yaml:{place}: ")


def test_variables_are_filled_in_before_types_are_told_apart() -> None:
    text = 'a: ${N}\nb: "${N}"\nc: x-${N}-${M:-d e}\nd: $${N}\ne: ${E:-none}'
    assert data(text, N="3", E="") == {"a": 3, "b": "3", "c": "x-3-d e", "d": "${N}", "e": "none"}


def test_a_variable_that_is_not_set_is_named_with_its_place() -> None:
    message = error("a:\n  b: ${NOWHERE}")
    assert message.startswith("x.yaml:2:6: the environment variable NOWHERE is not set")


def test_numbers_that_do_not_fit_are_refused_without_showing_a_secret() -> None:
    assert "'${N}' is too large a number" in error("a: ${N}", N="9" * 30)
    assert "'1e999' is too large" in error("a: 1e999")


def test_half_of_a_surrogate_pair_is_refused() -> None:
    assert "surrogate" in error('a: "\\ud800"')
