"""The benchmark's task for inspect-ai."""

import os

from inspect_ai import Task, task
from inspect_ai.dataset import FieldSpec, json_dataset
from inspect_ai.scorer import exact
from inspect_ai.solver import generate


@task
def codes() -> Task:
    """Ask every item, exact match."""
    fields = FieldSpec(input="input", target="reference", id="id")
    return Task(dataset=json_dataset(os.environ["BENCH_CASES"], fields), solver=generate(), scorer=exact())
