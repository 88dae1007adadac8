"""Rows of JSONL and CSV files, with the place of everything in them."""
