"""Predictions that others made: read, matched to clips, turned the right way round, and put beside each other."""
