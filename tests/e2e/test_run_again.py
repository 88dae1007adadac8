"""`passmuster run` given again: after Control-C, after failures, with more to ask, and with a cache."""

import json
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.scripted import Scripted, refusal, reply, scripted
from tests.e2e.served import passmuster, project, rows, run, simulator, start, stored, wait_for

pytestmark = pytest.mark.slow

CASES = 10
QUESTIONS = {f"question {n}" for n in range(CASES)}


@pytest.fixture
def endpoint() -> Iterator[Scripted]:
    """Serve an endpoint that answers with its model's name."""
    with scripted(lambda body: reply(str(body["model"]))) as serving:
        yield serving


def line(name: str, endpoint: Scripted, more: str = "", model: str = "m") -> str:
    priced = "prices: {input: 1, output: 1}, parameters: {max_tokens: 20}"
    where = f"base_url: '{endpoint.base_url}', concurrency: 4"
    return f"{{name: {name}, provider: openai, model: {model}, {where}, {priced}{more}}}"


def compared(folder: Path) -> dict[str, Any]:
    """Return the candidates of a comparison by name."""
    done = passmuster(folder, "compare", "--json")
    assert done.stdout, done.stderr
    return {each["name"]: each for each in json.loads(done.stdout)["candidates"]}


def test_control_c_lets_calls_in_flight_end_and_the_same_command_goes_on(tmp_path: Path) -> None:
    model = "{name: m, answers: {kind: constant, text: 'yes'}, latency: {kind: constant, seconds: 0.4}}"
    with simulator(tmp_path, model) as serving:
        where = f"base_url: '{serving.base_url}', concurrency: 16"
        folder = project(tmp_path / "project", 200, f"{{name: m, provider: openai, model: m, {where}}}")
        child = start(folder, "run")
        wait_for(lambda: serving.begun > 40)
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=60)
        asked, kept = serving.begun, len(stored(folder))
        assert serving.open == 0
        end = run(folder)
        trials = serving.trials()

    assert child.returncode == 130, errors
    assert f"interrupted: {asked} trials asked, 0 reused, 0 failed" in errors
    assert "What is finished is kept. To go on: passmuster run" in errors
    assert "Traceback" not in errors
    assert 40 < asked < 200
    assert kept == asked, "each call in flight ended, and was stored"
    assert (end["status"], end["asked"], end["reused"]) == ("complete", 200 - kept, kept)
    assert Counter(trials).most_common(1)[0][1] == 1
    assert len(trials) == 200


def test_control_c_twice_ends_at_once_and_loses_only_what_was_in_flight(tmp_path: Path) -> None:
    model = "{name: m, answers: {kind: constant, text: 'yes'}, latency: {kind: uniform, low: 0.1, high: 60}}"
    with simulator(tmp_path, model) as serving:
        where = f"base_url: '{serving.base_url}', concurrency: 60"
        priced = "prices: {input: 1, output: 1}, parameters: {max_tokens: 20}"
        folder = project(
            tmp_path / "project", 200, f"{{name: m, provider: openai, model: m, {where}, {priced}}}"
        )
        child = start(folder, "run", "--budget", "1")
        wait_for(lambda: len(stored(folder)) > 2)
        child.send_signal(signal.SIGINT)
        time.sleep(0.5)  # two at once are one to the process; calls in flight have two seconds
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=60)
        asked, kept = serving.begun, len(stored(folder))
        again = start(folder, "run", "--budget", "1")
        wait_for(lambda: serving.begun > asked)
        again.send_signal(signal.SIGINT)
        again.communicate(timeout=60)
        trials = serving.trials()

    assert child.returncode == 130, errors
    assert "Interrupted. Nothing that was finished is lost; give the same command again to go on." in errors
    assert "Traceback" not in errors
    assert "never retrieved" not in errors
    assert rows(folder, "SELECT count(*) FROM run_ends WHERE status = 'interrupted'") == [(1,)]
    assert 2 < kept < asked
    before, after = trials[:asked], trials[asked:]
    # Who asks again is not kept waiting for what the dead had claimed.
    assert set(before) & set(after)


def test_only_failures_are_asked_again_and_both_takes_stay(endpoint: Scripted, tmp_path: Path) -> None:
    refused = {"question 2", "question 5"}

    def picky(body: dict[str, Any]) -> Any:
        question = body["messages"][-1]["content"]
        return refusal(400, "this prompt is not served") if question in refused else reply("yes")

    endpoint.answer = picky
    folder = project(tmp_path, CASES, line("m", endpoint))
    first = run(folder)
    assert (first["status"], first["asked"], first["failed"]) == ("complete", CASES, 2)
    assert sorted(endpoint.asked) == sorted(QUESTIONS), "another 4xx is not retried"

    same = run(folder)
    assert (same["asked"], same["reused"]) == (0, CASES), "a stored failure counts as done"

    endpoint.asked.clear()
    refused.remove("question 5")
    end = run(folder, "--retry-failures")
    assert sorted(endpoint.asked) == ["question 2", "question 5"]
    assert (end["status"], end["asked"], end["reused"], end["failed"]) == ("complete", 2, CASES - 2, 1)
    takes = rows(
        folder, "SELECT case_id, take, kind FROM trials WHERE case_id IN ('00002', '00005') ORDER BY 1, 2"
    )
    assert takes == [
        ("00002", 0, "bad_request"), ("00002", 1, "bad_request"),
        ("00005", 0, "bad_request"), ("00005", 1, "reply"),
    ]  # fmt: skip
    assert compared(folder)["m"]["n"] == CASES


def test_an_amendment_asks_only_what_is_new(endpoint: Scripted, tmp_path: Path) -> None:
    folder = project(tmp_path, CASES, line("m", endpoint))
    nothing = passmuster(folder, "run", "--amend")
    assert nothing.returncode == 2
    assert "there is no earlier run of this task to amend" in nothing.stderr
    run(folder)

    def amended() -> tuple[list[str], str]:
        endpoint.asked.clear()
        done = passmuster(folder, "run", "--amend")
        assert done.returncode == 0, done.stderr
        return sorted(endpoint.asked), done.stderr

    project(folder, CASES, line("m", endpoint), line("other", endpoint, model="n"))
    asked, told = amended()
    assert asked == sorted(QUESTIONS)
    assert "with other" in told

    project(folder, CASES + 1, line("m", endpoint), line("other", endpoint, model="n"))
    asked, told = amended()
    assert asked == [f"question {CASES}"] * 2
    assert "cases added: 1" in told

    settings = folder / "passmuster.yaml"
    text = settings.read_text(encoding="utf-8").replace("[exact_match]", "[exact_match, accuracy]")
    settings.write_text(text, encoding="utf-8")
    asked, told = amended()
    assert asked == []
    assert "nothing to add" in told
    assert set(compared(folder)["m"]["metrics"]) == {"exact_match", "accuracy"}


def test_an_amendment_that_would_ask_everything_again_is_refused_by_name(
    endpoint: Scripted, tmp_path: Path
) -> None:
    folder = project(tmp_path, CASES, line("m", endpoint), line("other", endpoint, model="n"))
    run(folder)
    project(
        folder,
        CASES,
        line("m", endpoint, ", prompt: {name: p, user: 'Say it: {{ input }}'}"),
        line("other", endpoint, model="n"),
    )
    endpoint.asked.clear()

    done = passmuster(folder, "run", "--amend")

    assert done.returncode == 2
    assert "Error: m changed since the run" in done.stderr
    assert "prompt" in done.stderr
    assert "other" not in done.stderr
    assert endpoint.asked == []


PROMPTS = ", prompt: {name: p, user: '{{ input }}'}", ", prompt: {name: p, user: '{{input}}'}"


def test_a_prompt_that_comes_out_the_same_takes_the_earlier_reply(endpoint: Scripted, tmp_path: Path) -> None:
    folder = project(tmp_path, CASES, line("m", endpoint, PROMPTS[0]))
    first = run(folder)
    project(folder, CASES, line("m", endpoint, PROMPTS[1]), line("fresh", endpoint, PROMPTS[1], model="n"))
    endpoint.asked.clear()

    end = run(folder)

    assert sorted(endpoint.asked) == sorted(QUESTIONS), "only the other model is asked"
    assert first["spend"] > 0
    assert end["spend"] == pytest.approx(first["spend"]), "only for the other model"
    assert (end["asked"], end["reused"], end["cached"]) == (CASES, CASES, CASES)
    assert rows(folder, "SELECT source, count(*) FROM trials GROUP BY 1 ORDER BY 1") == [
        ("cached", CASES),
        ("measured", 2 * CASES),
    ]
    found = compared(folder)
    assert (found["m"]["latency"]["cached"], found["fresh"]["latency"]["cached"]) == (CASES, 0)
    assert found["fresh"]["latency"]["p50"]["n"] == CASES
    assert found["fresh"]["latency"]["load"]["source"] == "measured"
    assert not timed_afresh(found["m"]), "times of cached replies are no measurement"
    assert found["m"]["metrics"]["exact_match"]["n"] == CASES


def timed_afresh(candidate: dict[str, Any]) -> bool:
    latency = candidate["latency"]
    return latency is not None and latency["load"]["source"] == "measured"


def test_cached_and_fresh_replies_of_one_candidate_are_not_timed_together(
    endpoint: Scripted, tmp_path: Path
) -> None:
    folder = project(tmp_path, CASES, line("m", endpoint, PROMPTS[0]))
    run(folder, "--limit", "4")
    project(folder, CASES, line("m", endpoint, PROMPTS[1]))

    end = run(folder)

    assert (end["asked"], end["cached"]) == (CASES - 4, 4)
    found = compared(folder)["m"]
    assert found["latency"]["p50"]["n"] == CASES - 4
    assert found["latency"]["load"]["source"] == "measured"


@pytest.mark.parametrize("how", ["--no-cache", "prune"])
def test_without_a_cache_everything_is_asked_anew(how: str, endpoint: Scripted, tmp_path: Path) -> None:
    folder = project(tmp_path, CASES, line("m", endpoint, PROMPTS[0]))
    run(folder)
    project(folder, CASES, line("m", endpoint, PROMPTS[1]))
    endpoint.asked.clear()
    if how == "prune":
        done = passmuster(folder, "cache", "prune", "--older-than", "1h")
        assert "0 cached replies forgotten" in done.stderr
        done = passmuster(folder, "cache", "prune")
        assert done.returncode == 0
        assert f"{CASES} cached replies forgotten; the trials that they come from stay" in done.stderr
        end = run(folder)
    else:
        end = run(folder, "--no-cache")

    assert sorted(endpoint.asked) == sorted(QUESTIONS)
    assert (end["asked"], end["cached"]) == (CASES, 0)
    assert rows(folder, "SELECT DISTINCT source FROM trials") == [("measured",)]
    assert rows(folder, "SELECT count(*) FROM trials") == [(2 * CASES,)]


def test_a_candidate_that_nothing_bounds_is_refused_until_somebody_vouches_for_it(
    endpoint: Scripted, tmp_path: Path
) -> None:
    unknown = f"{{name: m, provider: openai, model: m, base_url: '{endpoint.base_url}', concurrency: 2"
    priced = "prices: {input: 1000, output: 1000}"
    folder = project(tmp_path, CASES, f"{unknown}, {priced}}}")

    done = passmuster(folder, "run", "--budget", "5")
    assert done.returncode == 4
    assert (
        "m was given up: the budget cannot be kept, because nothing bounds what a call costs" in done.stderr
    )
    assert "Set the parameter `max_tokens`. Or set `most_per_call`" in done.stderr
    assert endpoint.asked == []

    project(folder, CASES, f"{unknown}, {priced}, most_per_call: 0.5}}")
    end = run(folder, "--budget", "5")
    # Each call uses 10 + 2 tokens at 1,000 USD a million.
    assert (end["status"], end["asked"]) == ("complete", CASES)
    assert end["spend"] == pytest.approx(CASES * 0.012)
    assert end["at_risk"] == 0
    assert rows(folder, "SELECT budget FROM runs ORDER BY id") == [(5.0,), (5.0,)]


def test_a_budget_that_is_used_up_says_so_and_more_of_it_goes_on(endpoint: Scripted, tmp_path: Path) -> None:
    many = f"{{name: m, provider: openai, model: m, base_url: '{endpoint.base_url}', concurrency: 2"
    folder = project(tmp_path, CASES, f"{many}, prices: {{input: 1000, output: 1000}}, most_per_call: 0.02}}")

    done = passmuster(folder, "run", "--budget", "0.06")
    first = len(endpoint.asked)
    same = run(folder, "--budget", "0.06", code=4)
    assert len(endpoint.asked) == first, "the budget is that of the run, however often it is started"
    more = run(folder, "--budget", "1")

    assert done.returncode == 4
    assert (
        "m was given up: its budget is used up: $0.012000 are left, and the next call can cost $0.020000"
        in done.stderr
    )
    assert first == 4
    assert (same["asked"], same["spend"]) == (0, 0)
    assert (more["status"], more["asked"], more["reused"]) == ("complete", CASES - 4, 4)
