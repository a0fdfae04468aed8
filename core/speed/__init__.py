"""What detectors cost on this machine, and in which form they are fastest."""
