"""Kinds of condition that a selection of clips can make, one file each."""
