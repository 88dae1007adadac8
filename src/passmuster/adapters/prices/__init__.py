"""List prices of models."""
