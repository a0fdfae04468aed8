"""Runs: what detectors said about a corpus, how it is kept, and the engine that fills it."""
