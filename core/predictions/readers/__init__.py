"""Readers for files of predictions, one format a file."""
