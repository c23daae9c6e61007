"""SQL as PostgreSQL spells it."""
