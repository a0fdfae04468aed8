"""Recipes and loops that turn a corpus into checkpoints."""
