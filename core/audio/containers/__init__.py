"""Containers: where the recordings in a file begin and end, by the file's own structure."""
