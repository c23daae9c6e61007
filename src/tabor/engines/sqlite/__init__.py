"""The SQLite engine, driven by apsw alone."""
