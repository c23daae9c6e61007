"""Tables and rows to play with: a small event planner and a shelf of films, on a database of their own."""
