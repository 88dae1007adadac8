"""The corpus: one module per verb."""
