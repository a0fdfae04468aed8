"""Spoofing systems, one file each."""
