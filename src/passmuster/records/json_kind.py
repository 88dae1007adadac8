"""What a JSON value is, in the words that messages use."""

from passmuster.records.record import Json

_NAMES: dict[type, str] = {
    bool: "true or false",
    str: "text",
    int: "a number",
    float: "a number",
    list: "a list",
    tuple: "a list",
}


def kind_of(value: Json) -> str:
    """Return what a JSON value is, in words.

    Example:
        >>> kind_of([1]), kind_of(True), kind_of(None)
        ('a list', 'true or false', 'nothing (null)')
    """
    if value is None:
        return "nothing (null)"
    return _NAMES.get(type(value), "an object")
