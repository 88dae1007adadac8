"""How replies end, and how they fail."""
