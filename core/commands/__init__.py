"""The commands of ``python -m core``, one file each; the pattern they follow stands in ``core/shell.py``."""
