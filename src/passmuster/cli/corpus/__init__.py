"""The verbs of the corpus."""
