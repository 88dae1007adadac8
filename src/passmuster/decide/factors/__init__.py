"""Prompts and models as two factors of one design: what each does, and what the best of all is worth."""
