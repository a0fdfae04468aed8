"""Whether a verdict holds: benign processings, what they do to P(spoof), and the smallest removal that flips it."""

from core.robustness.flip import Flip, flip_without, smallest_flip, taken_and_left
from core.robustness.hold import QUICK, Held, Moved, does_it_hold, held_sentence, rests_on
from core.robustness.processing import PROCESSINGS, Processing

__all__ = [
    "PROCESSINGS", "QUICK", "Flip", "Held", "Moved", "Processing", "does_it_hold", "flip_without", "held_sentence",
    "rests_on", "smallest_flip", "taken_and_left",
]  # fmt: skip
