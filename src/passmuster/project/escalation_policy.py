"""The key `escalation` of a project file, checked against its metrics and candidates."""

from collections.abc import Collection, Mapping
from dataclasses import fields

from passmuster.errors import ConfigurationError
from passmuster.metrics.answers import Extract
from passmuster.project.escalation_settings import SignalSettings
from passmuster.project.settings import ProjectSettings
from passmuster.project.validate import closest, located
from passmuster.project.yaml import Document, Path
from passmuster.records.escalation import EscalationPolicy, Signal, SignalKind

SIGNALS: Path = ("escalation", "signals")

_READ_BY: Mapping[str, tuple[SignalKind, ...]] = {
    "of": ("metric", "agreement"),
    "regex": ("stated",),
    "json_path": ("stated",),
    "scale": ("stated",),
    "levels": ("stated",),
}
_BARE = {each.name: each.default for each in fields(SignalSettings) if each.name in _READ_BY}


def escalation_of(
    settings: ProjectSettings, document: Document, metrics: Collection[str], candidates: Collection[str]
) -> EscalationPolicy:
    """Return what must hold of the replies that nobody looks at.

    Raises:
        ConfigurationError: for a share outside its range, and a metric or candidate that is not there.
    """
    stated = settings.escalation
    for name in ("target", "delta"):
        _check_share(name, getattr(stated, name), document)
    if (stated.minutes is None) != (stated.hourly is None):
        raise ConfigurationError(
            "escalation: what a person costs needs both minutes and hourly",
            place=document.value(_place(document, ("escalation", "minutes"), ("escalation", "hourly"))),
            hint="escalation: {minutes: 3, hourly: 40 USD}",
        )
    if stated.to is not None:
        _known(stated.to, candidates, "candidate", document, ("escalation", "to"))
    signals = tuple(
        _signal(name, each, document, metrics, candidates) for name, each in stated.signals.items()
    )
    return EscalationPolicy(
        target=stated.target,
        delta=stated.delta,
        signals=signals,
        to=stated.to,
        minutes=stated.minutes,
        hourly=stated.hourly,
    )


def _check_share(name: str, value: float, document: Document) -> None:
    if not 0 < value < 1:
        raise ConfigurationError(
            f"escalation.{name} is {value:g}, and must be above 0 and below 1",
            place=document.value(_place(document, ("escalation", name))),
            hint="Write a share, such as `5 %` or 0.05.",
        )


def _signal(
    name: str,
    stated: SignalSettings,
    document: Document,
    metrics: Collection[str],
    candidates: Collection[str],
) -> Signal:
    at: Path = (*SIGNALS, name)
    if stated.kind == "metric":
        _known(stated.of, metrics, "metric", document, (*at, "of"))
    elif stated.kind == "agreement":
        _known(stated.of, candidates, "candidate", document, (*at, "of"))
    _check_needless(name, stated, document)
    if stated.kind == "stated":
        _check_extract(name, stated, document)
    return Signal(
        name=name,
        kind=stated.kind,
        of=stated.of,
        regex=stated.regex,
        json_path=stated.json_path,
        scale=stated.scale,
        levels=stated.levels,
        reverse=stated.kind == "length" if stated.reverse is None else stated.reverse,
    )


def _check_needless(name: str, stated: SignalSettings, document: Document) -> None:
    """Refuse a key that the kind of signal does not read: it would say nothing."""
    for key, kinds in _READ_BY.items():
        if stated.kind not in kinds and getattr(stated, key) != _BARE[key]:
            at: Path = (*SIGNALS, name, key)
            raise ConfigurationError(
                f"escalation.signals.{name}.{key} says nothing here: the signal is of the kind {stated.kind}",
                place=document.value(_place(document, at, at[:-1])),
                hint=f"`{key}` is for {' and '.join(kinds)}.",
            )


def _check_extract(name: str, stated: SignalSettings, document: Document) -> None:
    at: Path = (*SIGNALS, name)
    if (stated.regex is None) == (stated.json_path is None):
        raise ConfigurationError(
            f"escalation.signals.{name}: `stated` needs either regex or json_path",
            place=document.value(_place(document, at)),
            hint=f"{name}: {{kind: stated, regex: 'Confidence: (\\d+) ?%', scale: 100}}",
        )
    key = "json_path" if stated.regex is None else "regex"
    with located(document, _place(document, (*at, key), at)):
        Extract(regex=stated.regex, json_path=stated.json_path)


def _known(name: str | None, names: Collection[str], what: str, document: Document, path: Path) -> None:
    if name in names:
        return
    at = _place(document, path, path[:-1])
    where = ".".join(str(part) for part in path)
    if name is None:
        raise ConfigurationError(
            f"{where}: which {what}?",
            place=document.value(at),
            hint=f"Add `of:` with one of {', '.join(names)}.",
        )
    raise ConfigurationError(
        f"{where}: there is no {what} {document.shown(at, name)}",
        place=document.value(at),
        hint=closest(name, names),
    )


def _place(document: Document, *paths: Path) -> Path:
    """Return the first of these places that the file has."""
    return next((path for path in (*paths, SIGNALS) if path in document.values), ("escalation",))
