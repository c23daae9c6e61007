"""The engine for PostgreSQL and for databases that speak its protocol."""
