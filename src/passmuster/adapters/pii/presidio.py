"""Names and places in texts by Presidio, an optional extra: `pip install "passmuster[pii]"` and a spaCy model."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from passmuster.corpus.personal.span import PersonalKind, Span, apart
from passmuster.errors import MissingExtraError
from passmuster.stats.language.detect import language_of

KINDS: Mapping[str, PersonalKind] = {
    "PERSON": "person",
    "LOCATION": "place",
    "NRP": "other",
    "MEDICAL_LICENSE": "other",
    "US_DRIVER_LICENSE": "other",
    "US_PASSPORT": "other",
    "US_ITIN": "other",
    "US_BANK_NUMBER": "other",
    "UK_NHS": "other",
    "CRYPTO": "other",
    "ES_NIF": "other",
    "IT_FISCAL_CODE": "other",
    "SG_NRIC_FIN": "other",
    "AU_TFN": "other",
    "IN_PAN": "other",
    "IN_AADHAAR": "other",
}
"""What is taken of what Presidio finds; what has a form is found by the built-in detector already."""

LEAST_SCORE = 0.5
"""How sure Presidio must be, from 0 to 1."""

Find = Callable[[str], Sequence[Span]]


def presidio_finder(models: Mapping[str, str], first: Find) -> Find:
    """Return what finds personal data with Presidio besides another detector, whose spans win where both overlap.

    The analyzer is loaded with the first text; texts in a language without a model go to the first one named.

    Args:
        models: The spaCy model of each language (ISO 639-1), at least one.
        first: The other detector.

    Raises:
        MissingExtraError: where Presidio or a model is not installed.
    """
    analyze = _analyzer(models)
    languages = list(models)

    def find(text: str) -> list[Span]:
        own = language_of(text)
        results = analyze(text, own if own in models else languages[0])
        found = [
            Span(start=result.start, end=result.end, kind=KINDS[result.entity_type])
            for result in sorted(results, key=lambda result: -result.score)
            if result.entity_type in KINDS and result.score >= LEAST_SCORE
        ]
        return apart([*first(text), *found])

    return find


def _analyzer(models: Mapping[str, str]) -> Callable[[str, str], list[Any]]:
    try:
        import spacy
        from presidio_analyzer import AnalyzerEngine
        from presidio_analyzer.nlp_engine import NlpEngineProvider
    except ImportError:
        raise MissingExtraError(
            "personal_models needs Presidio", hint='Install it: pip install "passmuster[pii]"'
        ) from None
    for model in models.values():
        if not spacy.util.is_package(model):  # else Presidio would try to download it
            raise MissingExtraError(
                f"the spaCy model {model!r} is not installed",
                hint=f"Install it: python -m spacy download {model}",
            )
    configuration = {
        "nlp_engine_name": "spacy",
        "models": [{"lang_code": language, "model_name": model} for language, model in models.items()],
    }
    engine = AnalyzerEngine(
        nlp_engine=NlpEngineProvider(nlp_configuration=configuration).create_engine(),
        supported_languages=list(models),
    )
    # Only what is taken: what finds addresses would fetch a list of domains from the network.
    wanted = {
        language: sorted(KINDS.keys() & set(engine.get_supported_entities(language))) for language in models
    }

    def analyze(text: str, language: str) -> list[Any]:
        return list(engine.analyze(text=text, language=language, entities=wanted[language]))

    return analyze
