"""Tables, columns and keys: what a developer declares once."""
