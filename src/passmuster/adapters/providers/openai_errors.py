"""Kept for modules that still import from here: see `wire_errors` and `wire_limits`."""

from passmuster.adapters.providers.wire_errors import (
    Redactor,
    UnreadableError,
    kind_of_status,
    whole_characters,
)
from passmuster.adapters.providers.wire_limits import retry_after

__all__ = ["Redactor", "UnreadableError", "kind_of_status", "retry_after", "whole_characters"]
