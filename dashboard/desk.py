"""What all that answers a visitor's presses works with."""

from dataclasses import dataclass

from dashboard.drawing import Drawing
from dashboard.resources import Resources
from dashboard.visits import Visits

__all__ = ["Desk"]


@dataclass(eq=False)
class Desk:
    """The models, the visitors' recordings, and how what is found of them is drawn.

    Parameters
    ----------
    resources : Resources
    visits : Visits
    draw : Drawing
    """

    resources: Resources
    visits: Visits
    draw: Drawing
