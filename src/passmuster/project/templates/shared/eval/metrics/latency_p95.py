"""Latency p95: the time within which 95 of 100 tasks are answered.

python eval/metrics/latency_p95.py
"""

from collections.abc import Sequence

from passmuster import Trial, open_project
from passmuster import trials as stored_trials

LEAST = 59  # below 59 tasks, not even the slowest one is above the true p95 with 95% certainty


def latency_p95(trials: Sequence[Trial]) -> float | None:
    """Return seconds: the order statistic of rank floor(0.95 n) + 1; None where too few were measured."""
    seconds = sorted(trial.latency for trial in trials if trial.latency is not None)
    return seconds[len(seconds) * 95 // 100] if len(seconds) >= LEAST else None


if __name__ == "__main__":
    for name, trials in stored_trials(open_project()).items():
        p95 = latency_p95(trials)
        print(f"{name:20} {'not measurable' if p95 is None else f'{p95:.3f} s'}")
