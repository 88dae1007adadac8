"""The seed of every resampling of a comparison, so that the same trials give the same figures."""

SEED = 20261120
