"""Finds what no type checker can see: Python's own and, or, not, in and is on conditions that belong to a query."""
