"""Trials and scores as tables for other programs."""
