"""The commands of ``python -m core``, one file each; a file holds one function and loads what it needs when called."""
