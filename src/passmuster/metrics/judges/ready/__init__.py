"""Rubrics that are ready to be used."""
