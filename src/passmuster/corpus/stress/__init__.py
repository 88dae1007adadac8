"""Adversarial cases made out of a team's own inputs: each a function of its parent and a seed. Pure."""
