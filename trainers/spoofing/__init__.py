"""Spoofs made from anyone's bona fide recordings, one system a file, so that a detector can be trained on them."""
