"""REST over declared tables: a request becomes a plan, the plan a query, its rows a response."""
