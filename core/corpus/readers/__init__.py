"""Readers for the field's corpora, one file each: a folder as it was downloaded becomes rows of a manifest."""
