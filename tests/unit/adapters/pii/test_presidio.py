"""Names and places by Presidio: a stand-in where it is not installed, the real one where it is."""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from passmuster.adapters.pii.presidio import presidio_finder
from passmuster.corpus.personal.find import find_personal
from passmuster.corpus.personal.pseudonyms import Pseudonyms
from passmuster.errors import MissingExtraError


class _Engine:
    """Finds every Anna, and takes each mail address for a person."""

    asked: list[tuple[str, str]]

    def __init__(self, *, nlp_engine: object, supported_languages: list[str]) -> None:
        self.asked = []
        _Engine.latest = self
        self.languages = supported_languages

    latest: "_Engine"

    def get_supported_entities(self, language: str) -> list[str]:
        assert language in self.languages
        return ["PERSON", "LOCATION", "EMAIL_ADDRESS", "DATE_TIME"]

    def analyze(self, *, text: str, language: str, entities: list[str]) -> list[Any]:
        assert entities == ["LOCATION", "PERSON"]  # what finds mail addresses would ask the network
        self.asked.append((text, language))
        found = []
        for word, kind, score in (
            ("Anna", "PERSON", 0.85),
            ("Bonn", "LOCATION", 0.8),
            ("May", "PERSON", 0.2),
        ):
            if (start := text.find(word)) >= 0:
                found.append(
                    SimpleNamespace(start=start, end=start + len(word), entity_type=kind, score=score)
                )
        if "@" in text:
            found.append(SimpleNamespace(start=0, end=len(text), entity_type="PERSON", score=0.9))
            found.append(SimpleNamespace(start=0, end=len(text), entity_type="DATE_TIME", score=0.9))
        return found


class _Provider:
    def __init__(self, *, nlp_configuration: dict[str, Any]) -> None:
        self.nlp_configuration = nlp_configuration

    def create_engine(self) -> object:
        return self.nlp_configuration["models"]


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put modules with the documented names in the place of Presidio and spaCy."""
    parts: dict[str, dict[str, Any]] = {
        "presidio_analyzer": {"AnalyzerEngine": _Engine},
        "presidio_analyzer.nlp_engine": {"NlpEngineProvider": _Provider},
        "spacy": {"util": SimpleNamespace(is_package=lambda name: name.endswith("_lg"))},
    }
    for name, held in parts.items():
        module = ModuleType(name)
        vars(module).update(held)
        monkeypatch.setitem(sys.modules, name, module)


@pytest.mark.usefixtures("stand_in")
def test_names_and_places_get_pseudonyms_and_what_has_a_form_wins() -> None:
    find = presidio_finder({"en": "en_core_web_lg"}, find_personal)
    names = Pseudonyms(b"0123456789abcdef", find)

    assert names.text("Anna of Bonn came in May") == (
        f"{names.name('anna', 'person')} of {names.name('bonn', 'place')} came in May"
    )
    assert [span.kind for span in find("jo@example.com")] == ["mail"]


@pytest.mark.usefixtures("stand_in")
def test_the_model_is_chosen_by_the_language_of_the_text() -> None:
    find = presidio_finder({"en": "en_core_web_lg", "de": "de_core_news_lg"}, find_personal)

    find("Ich habe meine Karte verloren und brauche bitte eine neue")
    find("Hol ik ga de stad uit")

    assert [language for _, language in _Engine.latest.asked] == ["de", "en"]


@pytest.mark.usefixtures("stand_in")
def test_a_model_that_is_not_installed_is_told_and_not_downloaded() -> None:
    with pytest.raises(MissingExtraError, match="python -m spacy download en_core_web_sm"):
        presidio_finder({"en": "en_core_web_sm"}, find_personal)


def test_without_presidio_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)

    with pytest.raises(MissingExtraError, match=r"passmuster\[pii\]"):
        presidio_finder({"en": "en_core_web_lg"}, find_personal)


def test_the_real_presidio_finds_a_name_where_it_is_installed() -> None:
    pytest.importorskip("presidio_analyzer")
    spacy = pytest.importorskip("spacy")
    model = next((name for name in ("en_core_web_lg", "en_core_web_sm") if spacy.util.is_package(name)), None)
    if model is None:
        pytest.skip("no English model of spaCy is installed")

    find = presidio_finder({"en": model}, find_personal)

    assert "person" in {span.kind for span in find("My name is John Smith and I live in London.")}
