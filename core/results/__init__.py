"""Runs: a corpus as detectors scored it, how that is kept, filled and read."""
