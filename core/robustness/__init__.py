"""Whether a verdict holds: benign processings, what they do to P(spoof), and the smallest removal that flips it."""

from core.robustness.flip import Flip, smallest_flip, taken_and_left
from core.robustness.hold import QUICK, Held, Moved, does_it_hold, rests_on
from core.robustness.processing import PROCESSINGS, Processing

__all__ = [
    "PROCESSINGS", "QUICK", "Flip", "Held", "Moved", "Processing", "does_it_hold", "rests_on", "smallest_flip",
    "taken_and_left",
]  # fmt: skip
