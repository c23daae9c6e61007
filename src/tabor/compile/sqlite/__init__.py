"""SQL as SQLite spells it."""
