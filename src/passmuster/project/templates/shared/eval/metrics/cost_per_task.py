"""Cost per task: what a candidate's calls cost on average, retries included.

python eval/metrics/cost_per_task.py
"""

from collections.abc import Sequence

from passmuster import Trial, open_project
from passmuster import trials as stored_trials


def cost_per_task(trials: Sequence[Trial]) -> float | None:
    """Return US dollars per task; None where any call's cost is unknown, because unknown is not zero."""
    costs = [attempt.cost for trial in trials for attempt in trial.attempts]
    known = [cost for cost in costs if cost is not None]
    return sum(known) / len(trials) if trials and len(known) == len(costs) else None


if __name__ == "__main__":
    for name, trials in stored_trials(open_project()).items():
        cost = cost_per_task(trials)
        print(f"{name:20} {'unknown' if cost is None else f'{cost:.6f} USD'}")
