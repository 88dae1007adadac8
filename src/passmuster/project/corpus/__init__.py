"""The corpus: its folder and verbs, opened."""
