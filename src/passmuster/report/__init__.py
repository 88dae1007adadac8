"""Renders what `compare` found out: terminal, Markdown, JSON and one self-contained HTML file. Computes nothing."""
