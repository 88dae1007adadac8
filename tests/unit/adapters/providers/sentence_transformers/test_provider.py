"""A model on this machine that makes embeddings; a stand-in is loaded in place of the package."""

import asyncio
import json
import sys
import types
from typing import Any

import pytest

from passmuster.adapters.providers.sentence_transformers.provider import SentenceTransformersProvider
from passmuster.errors import MissingExtraError
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case, Conversation, Message, Part, Text
from passmuster.records.trial import Exchange, Failure, Reply, Request
from passmuster.testing import FakeClock

CANDIDATE = Candidate(
    name="local",
    provider="sentence_transformers",
    model="all-MiniLM-L6-v2",
    parameters={"revision": "abc", "device": "cuda"},
)


def asked(text: str | tuple[Part, ...]) -> Request:
    return Request(
        case=Case(id="1", input="x"),
        conversation=Conversation(messages=(Message(role="user", content=text),)),
    )


def ask(provider: SentenceTransformersProvider, *texts: str) -> list[Exchange]:
    async def all_() -> list[Exchange]:
        found = [await provider.ask(asked(text)) for text in texts]
        await provider.close()
        return found

    return asyncio.run(all_())


class Package(types.ModuleType):
    """Stands in for sentence-transformers, and tells what was loaded."""

    def __init__(self) -> None:
        super().__init__("sentence_transformers")
        self.loaded: list[tuple[str, dict[str, Any]]] = []
        package = self

        class SentenceTransformer:
            def __init__(self, model: str, **options: Any) -> None:
                package.loaded.append((model, options))
                if model == "missing":
                    raise OSError("no such model")

            def encode(self, text: str, *, show_progress_bar: bool) -> list[float]:
                assert not show_progress_bar
                return [float(len(text)), -0.5]

        self.SentenceTransformer = SentenceTransformer


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> Package:
    found = Package()
    monkeypatch.setitem(sys.modules, "sentence_transformers", found)
    return found


def test_a_text_is_answered_with_its_vector_as_json(package: Package) -> None:
    (exchange, again) = ask(SentenceTransformersProvider(CANDIDATE, FakeClock()), "four", "five!")

    assert isinstance(exchange.outcome, Reply)
    assert isinstance(again.outcome, Reply)
    assert [
        json.loads(each.outcome.text) for each in (exchange, again) if isinstance(each.outcome, Reply)
    ] == [
        [4.0, -0.5],
        [5.0, -0.5],
    ]
    assert (exchange.outcome.model, exchange.attempt.cost) == ("all-MiniLM-L6-v2", 0.0)


def test_the_model_is_loaded_for_the_first_text_once(package: Package) -> None:
    provider = SentenceTransformersProvider(CANDIDATE, FakeClock())
    assert package.loaded == []

    ask(provider, "a", "b")

    assert package.loaded == [("all-MiniLM-L6-v2", {"revision": "abc", "device": "cuda"})]


def test_a_model_that_cannot_be_loaded_is_a_failure(package: Package) -> None:
    missing = Candidate(name="local", provider="sentence_transformers", model="missing")

    (exchange,) = ask(SentenceTransformersProvider(missing, FakeClock()), "a")

    assert exchange.outcome == Failure(kind="internal", message="OSError: no such model")
    assert exchange.attempt.error == "internal"


@pytest.mark.parametrize("numbers", [[], [float("nan")], [float("inf")]])
def test_what_is_no_vector_is_a_failure(numbers: list[float]) -> None:
    provider = SentenceTransformersProvider(CANDIDATE, FakeClock(), encoder=lambda _: numbers)

    assert isinstance(ask(provider, "a")[0].outcome, Failure)


def test_texts_in_parts_are_joined() -> None:
    provider = SentenceTransformersProvider(CANDIDATE, FakeClock(), encoder=lambda text: [len(text)])

    found = asyncio.run(provider.ask(asked((Text(text="ab"), Text(text="c")))))

    assert isinstance(found.outcome, Reply)
    assert found.outcome.text == "[4.0]"


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)

    with pytest.raises(MissingExtraError, match="sentence_transformers") as caught:
        SentenceTransformersProvider(CANDIDATE, FakeClock())
    assert "passmuster[embeddings]" in str(caught.value.hint)


def test_its_times_are_measured_but_for_a_simulated_one() -> None:
    simulated = Candidate(name="a", provider="sentence_transformers", model="m", simulated=True)

    assert SentenceTransformersProvider(CANDIDATE, FakeClock(), encoder=lambda _: [1.0]).source == "measured"
    assert SentenceTransformersProvider(simulated, FakeClock(), encoder=lambda _: [1.0]).source == "simulated"
