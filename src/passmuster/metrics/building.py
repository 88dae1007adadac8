"""From a class or a function and a spec to a metric, the options checked: one door for built-in and users' metrics."""

import difflib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from inspect import Parameter, iscoroutinefunction, signature
from typing import Any, get_args, get_type_hints

from pydantic import ConfigDict, Field, PydanticUserError, TypeAdapter, ValidationError, create_model
from pydantic_core import ErrorDetails

from passmuster.errors import ConfigurationError
from passmuster.metrics.metric import Metric, shown
from passmuster.records.digest import plain
from passmuster.records.task import MetricSpec

PARTS = ("version", "direction", "bounds", "binary", "summary", "score")
"""What a class must have to be a metric, beside its name."""

_HOW = (
    'a metric says version = 1, direction = "higher", bounds = (0.0, 1.0), binary = False, summary = "mean" '
    "and score(self, case, reply)"
)
_CALLED = (
    "it is called as score(case, reply) and returns its score; what follows in its parameters are options"
)
_KEYWORDS = (Parameter.KEYWORD_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


def built(made: type[Any], spec: MetricSpec) -> Metric:
    """Return the metric of a class that a spec asks for, its options checked.

    A dataclass is checked by the annotations of its fields, any other class by those of its constructor's
    parameters. `name` is no option: it is that of the spec.

    Raises:
        ConfigurationError: for an unknown option or a wrong value, and for a class that is no metric.

    Example:
        >>> from passmuster.metrics.text.exact_match import ExactMatch
        >>> built(ExactMatch, MetricSpec(name="acc", kind="mine.py:Mine", options={"normalise": ["case"]})).name
        'acc'
    """
    missing = [part for part in PARTS if not hasattr(made, part) and part not in option_names(made)]
    if missing:
        what = f"metric {spec.name}: the class {made.__name__} has no {', '.join(missing)}"
        raise ConfigurationError(what, hint=_HOW)
    names = option_names(made)
    refuse_unknown(spec, names)
    if is_dataclass(made):
        own = {"name": spec.name} if "name" in {each.name for each in fields(made)} else {}
        metric: Metric = _validated(spec, made, own)
        return metric
    own = {"name": spec.name} if "name" in _parameters(made) else {}
    return _constructed(made, spec, {**_checked(spec, made, names), **own})


def option_names(made: type[Any]) -> tuple[str, ...]:
    """Return the names of the options of a class.

    Example:
        >>> from passmuster.metrics.text.exact_match import ExactMatch
        >>> option_names(ExactMatch)
        ('normalise', 'extract')
    """
    if is_dataclass(made):
        return tuple(each.name for each in fields(made) if each.init and each.name != "name")
    return tuple(name for name in _parameters(made) if name != "name")


def function_options(function: Callable[..., Any], spec: MetricSpec) -> dict[str, Any]:
    """Return the options of a spec for a function, checked by the annotations of its parameters after the reply.

    Raises:
        ConfigurationError: for an unknown option, a wrong value or a missing one.

    Example:
        >>> def short(case, reply, *, most: int = 200): ...
        >>> function_options(short, MetricSpec(name="short", kind="a.py:short", options={"most": 20}))
        {'most': 20}
    """
    names = function_option_names(function)
    refuse_unknown(spec, names)
    found = _checked(spec, function, names)
    refuse_uncallable(spec, function, found)
    return found


def function_option_names(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of a function's parameters after the case and the reply.

    Example:
        >>> def short(case, reply, *, most: int = 200): ...
        >>> function_option_names(short)
        ('most',)
    """
    ordered = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    taken = [name for name, each in _all_parameters(function).items() if each.kind in ordered][:2]
    return tuple(name for name in _parameters(function) if name not in taken)


def refuse_uncallable(spec: MetricSpec, called: Callable[..., Any], options: Mapping[str, Any]) -> None:
    """Raise a ConfigurationError where a function cannot be called with a case, a reply and these options."""
    try:
        expected = signature(called)
    except ValueError:  # one made in C tells nothing of its parameters
        return
    except TypeError as error:
        raise ConfigurationError(f"metric {spec.name}: {error}", hint=_CALLED) from error
    try:
        expected.bind(None, None, **options)
    except TypeError as error:
        told = f"metric {spec.name} cannot be called with a case and a reply: {error}"
        raise ConfigurationError(told, hint=_CALLED) from error
    if iscoroutinefunction(called):
        raise ConfigurationError(f"metric {spec.name} is an async function", hint=_CALLED)


def refuse_unknown(spec: MetricSpec, names: tuple[str, ...]) -> None:
    """Raise a ConfigurationError at the first option of a spec that is none of these."""
    for option in spec.options:
        if option not in names:
            hint = closest_of(option, list(names), "options") if names else "it takes no options"
            raise ConfigurationError(f"metric {spec.kind} has no option {option!r}", hint=hint)


def closest_of(name: str, valid: list[str], what: str) -> str:
    """Return a hint that lists the valid names, and says which is close.

    Example:
        >>> closest_of("fild", ["field", "cited"], "options")
        "did you mean 'field'? options: field, cited"
    """
    close = difflib.get_close_matches(name, valid, n=1)
    listed = f"{what}: {', '.join(valid)}"
    return f"did you mean {close[0]!r}? {listed}" if close else listed


def _parameters(made: Callable[..., Any]) -> dict[str, Parameter]:
    return {name: each for name, each in _all_parameters(made).items() if each.kind in _KEYWORDS}


def _all_parameters(made: Callable[..., Any]) -> Mapping[str, Parameter]:
    try:
        return signature(made).parameters
    except (TypeError, ValueError):  # a class made in C tells nothing of its parameters
        return {}


def _checked(spec: MetricSpec, made: Callable[..., Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Return the options that are given, as what their annotations say."""
    parameters = _parameters(made)
    annotated: Any = made
    try:
        hints = get_type_hints(annotated.__init__ if isinstance(made, type) else annotated)
    except Exception:  # noqa: BLE001 - an annotation is any code of a user's; one that cannot be read checks nothing
        hints = {}
    looked_at = [
        name for name in names if name in spec.options or parameters[name].default is Parameter.empty
    ]
    # Under numbers: a model has attributes of its own, and an option may be called as one of them.
    wanted: dict[str, Any] = {
        f"option_{number}": (hints.get(name, Any), Field(alias=name)) for number, name in enumerate(looked_at)
    }
    try:
        model = create_model("Options", __config__=ConfigDict(extra="forbid", strict=True), **wanted)
    except PydanticUserError as error:
        raise _unreadable_annotation(spec, error) from error
    found = _validated(spec, model, {})
    return {name: getattr(found, f"option_{number}") for number, name in enumerate(looked_at)}


def _validated(spec: MetricSpec, made: type[Any], own: Mapping[str, str]) -> Any:
    try:
        # In the order in which they were written: that of the criteria of a rubric is the one in which they are asked.
        text = json.dumps(plain({**spec.options, **own}), ensure_ascii=False, allow_nan=False)
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ConfigurationError(f"metric {spec.name}: an option is not valid Unicode") from error
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"metric {spec.name}: {error}", hint="quote dates and the like") from error
    try:
        return TypeAdapter(made).validate_json(text, strict=True)
    except ValidationError as error:
        raise _wrong_option(spec, made, error) from error
    except PydanticUserError as error:
        raise _unreadable_annotation(spec, error) from error
    except ConfigurationError as error:
        raise ConfigurationError(
            f"metric {spec.name}: {error.message}", place=error.place, hint=error.hint
        ) from error


def _unreadable_annotation(spec: MetricSpec, error: PydanticUserError) -> ConfigurationError:
    told = str(error).splitlines()[0]
    hint = "annotate its options with what JSON has: str, int, float, bool, tuple[str, ...], Literal"
    return ConfigurationError(f"metric {spec.name}: {told}", hint=hint)


def _constructed(made: type[Any], spec: MetricSpec, options: Mapping[str, Any]) -> Metric:
    try:
        metric: Metric = made(**options)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"metric {spec.name}: {error}") from error
    return metric


def _wrong_option(spec: MetricSpec, made: type[Any], error: ValidationError) -> ConfigurationError:
    found = [(_steps(spec, each), each) for each in error.errors(include_url=False)]
    # Of what may be one thing or another each is an error: the one that was got furthest with was meant.
    steps, first = max(found, key=lambda pair: (len(pair[0]), pair[1]["type"] == "literal_error"))
    option = ".".join(steps)
    if first["type"] == "missing":
        return ConfigurationError(f"metric {spec.name} needs the option {option!r}")
    if first["type"] == "unexpected_keyword_argument":
        return ConfigurationError(f"metric {spec.name} has no option {option!r}", hint=_nested(made, option))
    message = f"metric {spec.name}, option {option!r}: {first['msg']}, not {shown(repr(first['input']))}"
    return ConfigurationError(message)


def _steps(spec: MetricSpec, error: ErrorDetails) -> list[str]:
    """Return where an error is in the options, without the names of types that pydantic puts between."""
    value: Any = spec.options
    steps = []
    for step in error["loc"]:
        inside: Any = dict(enumerate(value)) if isinstance(value, list | tuple) else value
        if isinstance(inside, Mapping) and step in inside:
            value = inside[step]
        elif step != error["loc"][-1] or error["type"] not in ("missing", "unexpected_keyword_argument"):
            continue
        steps.append(str(step))
    return steps


def _nested(made: type[Any], option: str) -> str | None:
    """Return what the option that a wrong name stands in takes."""
    outer = option.partition(".")[0]
    if outer == "extract":
        return "extract takes regex or json_path, which: first or last, and repaired: true or false"
    try:
        kind = get_type_hints(made).get(outer)
    except (NameError, TypeError, AttributeError):
        return None
    names = next((option_names(each) for each in (kind, *get_args(kind)) if is_dataclass(each)), ())  # type: ignore[arg-type]
    return f"{outer} takes {', '.join(names)}" if names else None
