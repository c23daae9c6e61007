"""Tabor: an async, statically typed data layer for SQLite and PostgreSQL, and the backend that grows from it."""
