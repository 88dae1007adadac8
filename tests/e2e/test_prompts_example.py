"""`examples/prompts`: models of which it is known what each prompt does are asked over HTTP, and it comes out."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from passmuster import compare, open_project, run
from passmuster.adapters.simulator.server import Simulator
from passmuster.adapters.simulator.thread import SimulatorThread
from passmuster.project.load import Project, load_project
from passmuster.project.simulation import endpoint_models
from passmuster.records.comparison import Comparison
from passmuster.records.prompt_effects import PromptEffects

EXAMPLE = Path(__file__).parents[2] / "examples/prompts"


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, Comparison]]:
    """Make the example's cases in a copy of it, serve its models, and run it."""
    folder = shutil.copytree(
        EXAMPLE,
        tmp_path_factory.mktemp("prompts") / "example",
        ignore=shutil.ignore_patterns("*.jsonl", ".passmuster", "reports"),
    )
    subprocess.run([sys.executable, "generate.py"], cwd=folder, check=True, timeout=60)
    served = endpoint_models(folder / "endpoints.yaml", load_project(folder, environment={}), {})
    with SimulatorThread(Simulator(served.models, served.seed, time_scale=0)) as simulator:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("MODELS", simulator.base_url)
            project = open_project(folder)
        assert run(project).status == "complete"
        yield project, compare(project)


@pytest.fixture(scope="module")
def effects(done: tuple[Project, Comparison]) -> PromptEffects:
    found = done[1].prompt_effects
    assert found is not None
    return found


def test_every_model_is_asked_with_every_prompt(effects: PromptEffects) -> None:
    assert effects.models == ("large", "medium", "small")
    assert effects.prompts == ("plain", "strict", "shots", "marked")
    assert (effects.n, effects.n_missing) == (270, 0)


def test_the_intervals_hold_what_the_prompts_were_made_to_do(effects: PromptEffects) -> None:
    truth = {"strict": 0.03, "shots": 0.16 / 3, "marked": 0.0}
    for each in effects.of_prompts:
        assert each.versus == "plain"
        assert each.difference.low is not None
        assert each.difference.high is not None
        assert each.difference.low <= truth[each.level] <= each.difference.high


def test_solved_cases_are_seen_to_help_the_small_model_only(effects: PromptEffects) -> None:
    shown = {(each.model, each.prompt) for each in effects.interactions if (each.adjusted_p or 1) <= 0.05}

    assert shown == {("small", "shots"), ("large", "shots")}


def test_the_best_of_twelve_is_told_lower_than_it_looks(effects: PromptEffects) -> None:
    best = effects.best
    assert best is not None
    assert (best.picked, best.of) == ("large/strict", 12)
    assert 0.01 < best.optimism < 0.03
    assert best.corrected.low is not None
    assert best.corrected.high is not None
    assert best.corrected.low < 0.86 < best.corrected.high
    assert best.fresh is not None
    assert best.fresh.picked_on == 135


def test_what_was_sent_holds_the_drawn_cases_of_train(done: tuple[Project, Comparison]) -> None:
    project, _ = done
    shots = next(each for each in project.candidates if each.name == "small/shots").prompt
    assert shots is not None
    train = {case.input: case.reference for case in project.learned()}
    assert [train[str(each.input)] for each in shots.examples] == [each.answer for each in shots.examples]
    assert sorted(each.answer for each in shots.examples) == ["account", "billing", "delivery", "refund"]


def test_the_figures_of_the_example_are_what_comes_out(effects: PromptEffects) -> None:
    text = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    beyond = {(each.model, each.prompt): each.difference.value or 0 for each in effects.interactions}
    for each in effects.of_prompts:
        found = re.search(rf"^\| `{each.level}` \|(.*)\|$", text, flags=re.MULTILINE)
        assert found is not None
        mean = each.difference.value or 0
        own = [mean, *(mean + beyond[model, each.level] for model in ("small", "medium", "large"))]
        told = [float(cell) for cell in found[1].split("|")]
        assert told == pytest.approx(own, abs=0.00051)


def test_another_draw_changes_the_variants_that_show_cases_and_no_others(
    done: tuple[Project, Comparison], tmp_path: Path
) -> None:
    project, _ = done
    digests = {each.name: each for each in project.candidates}
    text = project.path.read_text(encoding="utf-8").replace("seed: 1", "seed: 2")
    (tmp_path / "passmuster.yaml").write_text(text, encoding="utf-8")
    shutil.copy(project.folder / "cases.jsonl", tmp_path)
    other = {each.name: each for each in load_project(tmp_path, environment={}).candidates}

    changed = {name for name, each in other.items() if each.prompt != digests[name].prompt}
    assert changed == {"large/shots", "medium/shots", "small/shots"}
