"""Benign processings, one file each."""
