"""Films and their directors, loaded from a real file with the dirt of real data."""
