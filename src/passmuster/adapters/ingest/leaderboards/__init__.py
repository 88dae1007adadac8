"""Public tables of scores: read, and told apart into models, figures and the rest."""
