"""A year of weather for some cities, one file each, loaded at the same time."""
