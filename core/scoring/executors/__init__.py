"""Executors, one file each: where the work on items is done."""
