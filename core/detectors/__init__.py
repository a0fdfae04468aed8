"""Detectors: one architecture a file, the checkpoint format, and what a detector says of a clip."""
