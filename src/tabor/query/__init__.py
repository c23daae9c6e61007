"""Immutable, typed queries: values that describe what to ask, to be awaited or passed around."""
