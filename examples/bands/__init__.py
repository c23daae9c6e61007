"""Bands and their managers, the venues they play, and the tickets that people buy."""
