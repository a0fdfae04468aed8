"""Pieces of the page: pure functions from values to escaped HTML, and factories for clickable containers."""
