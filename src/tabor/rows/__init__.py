"""From raw tuples to rows, tuples, dicts and JSON, and from values to parameters."""
