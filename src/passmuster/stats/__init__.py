"""Intervals, tests, sample sizes and resamples: pure functions of numbers. `docs/statistics.md` explains them."""
