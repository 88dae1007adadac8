"""Metrics of the form of a reply: JSON, XML, tables, function calls."""
