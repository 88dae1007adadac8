"""A judge that could not be read on the hard cases of one candidate makes it no better than another."""

import numpy as np
from tests.unit.workflows.test_compare_judged import CASES, FAVOURED, HONEST, SPEC, World

from passmuster.records.task import Task


def test_candidates_are_compared_on_cases_on_which_both_were_judged() -> None:
    rng = np.random.default_rng(1)
    good = rng.random(CASES) < 0.7
    passed = np.where(rng.random(CASES) < 0.9, good, ~good)
    truth = {f"{each.name} {n}": float(good[n]) for each in (FAVOURED, HONEST) for n in range(CASES)}
    verdicts = {f"{each.name} {n}": float(passed[n]) for each in (FAVOURED, HONEST) for n in range(CASES)}
    for n in np.flatnonzero(~good)[:200]:
        del verdicts[f"favoured {n}"]
    world = World(verdicts=verdicts, truth=truth)
    task = Task(name="t", metrics=(SPEC,), incumbent="honest")

    one, other = world.compared(world.ratings(400), task=task).candidates
    found = one.versus_incumbent["quality"]

    # Over what was read of each the one looks better by a sixth; reply by reply they are equally good.
    assert (one.metrics["quality"].value or 0.0) - (other.metrics["quality"].value or 1.0) > 0.1
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0 < found.high
    assert abs(found.value or 0.0) < 0.06
