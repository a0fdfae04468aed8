"""Recordings: decode them safely, cut them into windows, edit them in time and frequency."""
