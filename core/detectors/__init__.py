"""Detectors: one architecture a file, the checkpoint format, and what a detector predicts for a clip."""
