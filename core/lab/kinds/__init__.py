"""Kinds of planted evidence, one file each."""
