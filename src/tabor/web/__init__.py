"""HTTP as Tabor speaks it: requests within limits, problem documents, the documentation page."""
