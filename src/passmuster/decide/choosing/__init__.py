"""Choice beyond the cheapest: figures in resamples, weights, the Pareto front, and what would change the decision."""
