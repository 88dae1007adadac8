"""Labels that are probably wrong, and what they do to scores."""
