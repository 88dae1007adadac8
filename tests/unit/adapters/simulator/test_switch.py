"""A model that is changed behind its name, at a moment or with a request."""

import asyncio

import openai
import pytest

from passmuster.adapters.simulator.answers import Constant
from passmuster.adapters.simulator.models import SimulatedModel, Succession, build_model
from passmuster.adapters.simulator.profiles import ConstantAnswer, EndpointProfile, RuleAnswers, Switch
from passmuster.adapters.simulator.server import Simulator


def model(switch: Switch, answers: Constant | None = None) -> SimulatedModel:
    return SimulatedModel(
        name="m",
        answers=Constant("old"),
        reports="m-2025-01",
        succession=Succession(switch=switch, answers=answers),
    )


async def seen(simulator: Simulator, number: int) -> list[tuple[str | None, str, str | None]]:
    found = []
    async with openai.AsyncOpenAI(base_url=simulator.base_url, api_key="any") as client:
        for _ in range(number):
            reply = await client.chat.completions.create(
                model="m", messages=[{"role": "user", "content": "Hi"}]
            )
            found.append((reply.choices[0].message.content, reply.model, reply.system_fingerprint))
    return found


async def test_with_a_request_model_fingerprint_and_answers_change_and_the_log_says_so() -> None:
    switch = Switch(at_request=3, reports="m-2025-06", fingerprint="fp_new")
    async with Simulator([model(switch, Constant("new"))], seed=4) as simulator:
        found = await seen(simulator, 4)
    assert [text for text, _, _ in found] == ["old", "old", "new", "new"]
    assert [name for _, name, _ in found] == ["m-2025-01"] * 2 + ["m-2025-06"] * 2
    first, _, third, fourth = (fingerprint for _, _, fingerprint in found)
    assert first is not None
    assert first.startswith("fp_sim_")
    assert third == fourth == "fp_new" != first
    assert [served.reported for served in simulator.truth] == ["m-2025-01"] * 2 + ["m-2025-06"] * 2
    assert {served.model for served in simulator.truth} == {"m"}


async def test_a_switch_that_says_nothing_shows_in_the_fingerprint_alone() -> None:
    async with Simulator([model(Switch(at_request=2))]) as simulator:
        before, after = await seen(simulator, 2)
    assert before[:2] == after[:2] == ("old", "m-2025-01")
    assert before[2] != after[2]


@pytest.mark.parametrize(("seconds", "expected"), [(0.0, "new"), (3600.0, "old")])
async def test_at_a_moment_counted_from_the_start_in_simulated_seconds(seconds: float, expected: str) -> None:
    async with Simulator([model(Switch(at_seconds=seconds), Constant("new"))], time_scale=0.5) as simulator:
        await asyncio.sleep(0)
        ((text, _, _),) = await seen(simulator, 1)
    assert text == expected


async def test_a_faster_simulation_switches_sooner() -> None:
    async with Simulator([model(Switch(at_seconds=3600.0), Constant("new"))], time_scale=0) as simulator:
        ((text, _, _),) = await seen(simulator, 1)
    assert text == "new"


def test_a_profile_becomes_a_model_with_its_succession() -> None:
    profile = EndpointProfile(
        name="m",
        answers=ConstantAnswer(text="old"),
        reports="m-1",
        switch=Switch(at_request=9, answers=RuleAnswers(right=0.5)),
    )
    built = build_model(profile, references={"d": "yes"}, recordings={})
    assert built.reports == "m-1"
    assert built.succession is not None
    assert built.succession.switch.at_request == 9
    assert built.succession.answers is not None


def test_a_switch_has_one_moment() -> None:
    for moments in ({}, {"at_seconds": 1.0, "at_request": 1}):
        with pytest.raises(ValueError, match="either at_seconds or at_request"):
            Switch(**moments)  # type: ignore[arg-type]  # a mapping of both


async def test_a_switch_that_is_silent_keeps_the_fingerprint() -> None:
    async with Simulator([model(Switch(at_request=2, silent=True), Constant("new"))]) as simulator:
        before, after = await seen(simulator, 2)
    assert (before[0], after[0]) == ("old", "new")
    assert before[1:] == after[1:]
