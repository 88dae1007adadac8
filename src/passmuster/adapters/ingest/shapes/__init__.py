"""Rows of tables that no tool has a name for: which of their columns mean what, and what their values say."""
