"""JSON Schemas: compiled without a network, their patterns in linear time."""

from collections.abc import Mapping

import jsonschema_rs

from passmuster.errors import ConfigurationError
from passmuster.metrics.metric import shown
from passmuster.records.record import Json

DRAFTS = "json-schema.org/"
"""What the names of the drafts have in common."""

UNSUPPORTED = "the schema has a pattern that no linear-time engine supports (look-around, back-reference)"


def compile_schema(
    schema: Mapping[str, Json] | bool,  # noqa: FBT001 - a schema may be true
    formats: bool | None = None,  # noqa: FBT001 - None is a third state
) -> jsonschema_rs.Validator | None:
    """Return the validator; None where only a backtracking engine could run one of its patterns.

    The draft is that of `$schema`, else 2020-12, also where `$schema` names a meta-schema of somebody's own.

    Raises:
        ConfigurationError: for a schema that is none, and for a `$ref` that would have to be fetched.

    Example:
        >>> compile_schema({"type": "integer"}).is_valid(3), compile_schema({"pattern": "(?=a)b"})
        (True, None)
    """
    plain = schema if isinstance(schema, bool) else _known_draft(schema)
    linear, backtracking = jsonschema_rs.RegexOptions(), jsonschema_rs.FancyRegexOptions()
    try:
        return jsonschema_rs.validator_for(
            plain, validate_formats=formats, pattern_options=linear, offline=True
        )
    except (ValueError, TypeError, jsonschema_rs.ReferencingError) as error:
        try:
            jsonschema_rs.validator_for(plain, pattern_options=backtracking, offline=True)
        except (ValueError, TypeError, jsonschema_rs.ReferencingError):
            text = getattr(error, "message", None) or str(error)
            hint = "nothing is fetched: put what a $ref names into $defs" if "retriev" in text else None
            raise ConfigurationError(f"the JSON Schema is wrong: {shown(text)}", hint=hint) from error
        return None


def _known_draft(schema: Mapping[str, Json]) -> dict[str, Json]:
    """Return the schema without the name of somebody's own meta-schema: it lies on a server, and adds words at most."""
    named = schema.get("$schema")
    own = isinstance(named, str) and DRAFTS not in named
    return {key: value for key, value in schema.items() if not (own and key == "$schema")}


def first_error(validator: jsonschema_rs.Validator, value: Json) -> tuple[str, str] | None:
    """Return the first error of a value and the path of its place; None where the schema accepts it.

    Example:
        >>> first_error(compile_schema({"items": {"type": "integer"}}), [1, "x"])
        ('"x" is not of type "integer"', '$[1]')
    """
    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        return shown(error.message), shown(_place(error.instance_path))
    return None


def _place(path: list[str | int]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
