"""Frozen nodes that queries are made of: sources, expressions, statements and table definitions."""
