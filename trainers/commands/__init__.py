"""The commands of ``python -m trainers``, one file each."""
