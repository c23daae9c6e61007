"""The contract with a database engine, and one room for each database."""
