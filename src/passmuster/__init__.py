"""passmuster: choose, gate and keep watching LLMs on your own production task."""

__version__ = "0.1.0"
