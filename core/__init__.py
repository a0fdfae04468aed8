"""What audio is, what a detector is, what a result means. No user interface, no training loop."""
