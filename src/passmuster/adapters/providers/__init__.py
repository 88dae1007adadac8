"""Those who answer: endpoints, recordings and baselines."""
