"""Every baseline keeps the promises of a provider, whatever it is asked."""

import pytest

from passmuster.adapters.providers.baselines.manual import Labels
from passmuster.adapters.providers.baselines.opening import OPTIONS, open_baseline
from passmuster.ports import Fittable, Provider
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.records.record import Json
from passmuster.testing import FakeClock, check_provider

EXAMPLES: dict[str, dict[str, Json]] = {
    "constant": {},
    "regex": {"patterns": [{"long": "(long )+"}, {"cut": "[^a-z]$"}], "default": "x"},
    "template": {"template": "{{ text | length }} {{ number }}", "extract": {"number": "([0-9]+)"}},
    "rules": {"rules": [{"when": "contains(text, 'script') or matches(text, '^=')", "answer": "x"}]},
    "logistic_regression": {},
    "naive_bayes": {},
    "decision_tree": {},
    "manual": {},
}
TRAIN = [Case(id=str(n), input=f"word{n % 2} common", reference=f"label{n % 2}") for n in range(20)]


def opened(kind: str) -> Provider:
    candidate = Candidate(name=kind, provider="baseline", parameters={"kind": kind, **EXAMPLES[kind]})
    provider = open_baseline(candidate, FakeClock(), Labels({"case": ("yes",)}, ""))
    if isinstance(provider, Fittable):
        provider.fit(TRAIN)
    return provider


@pytest.mark.parametrize("kind", OPTIONS)
async def test_a_baseline_keeps_the_promises_of_a_provider(kind: str) -> None:
    await check_provider(lambda: opened(kind))
