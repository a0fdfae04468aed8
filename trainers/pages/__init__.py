"""Clips on published pages: a table of where they lie, and a corpus built from clones of the pages' repositories."""
