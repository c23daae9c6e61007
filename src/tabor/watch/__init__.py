"""Listeners for the statements of a database: slow ones, repeated ones, spans."""
