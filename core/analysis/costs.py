"""What errors cost: a prior of spoofs, a price for each error, and the threshold that follows."""

import math
from dataclasses import dataclass

__all__ = ["USES", "Costs", "Use"]


@dataclass(frozen=True)
class Costs:
    """How many recordings are spoofs, and what each error costs.

    Attributes
    ----------
    prior_spoof : float
        Share of spoofs among the recordings to be judged, above 0 and below 1.
    miss, false_alarm : float
        Cost of a spoof that is called bona fide, and of bona fide speech that is called spoof; above 0.

    Raises
    ------
    ValueError
        When a value is outside of its range.
    """

    prior_spoof: float
    miss: float
    false_alarm: float

    def __post_init__(self) -> None:
        if not 0 < self.prior_spoof < 1:
            raise ValueError("The share of spoofs must lie between 0 and 100 %, without the ends.")
        if not (0 < self.miss < math.inf and 0 < self.false_alarm < math.inf):
            raise ValueError("What an error costs must be a number above 0.")

    @property
    def threshold(self) -> float:
        """The log-likelihood ratio below which calling a clip spoof costs less, if scores are calibrated.

        Bayes decision: Brümmer and du Preez, "Application-independent evaluation of speaker detection", Computer
        Speech & Language 20, 2006.
        """
        return math.log(self.miss * self.prior_spoof / (self.false_alarm * (1 - self.prior_spoof)))

    def of(self, false_alarm_rate: float, miss_rate: float) -> float:
        """Return the normalised detection cost of two rates: 1 is the cheaper of calling all spoof, or none."""
        alarms, misses = self.false_alarm * (1 - self.prior_spoof), self.miss * self.prior_spoof
        return (alarms * false_alarm_rate + misses * miss_rate) / min(alarms, misses)


@dataclass(frozen=True)
class Use:
    """A use with its costs, and why they were taken; an example and no recommendation."""

    name: str
    costs: Costs
    why: str


#: Examples to start from: a reader's own prior and prices take their place.
USES = (
    Use("newsroom triage", Costs(0.1, 5, 1),
        "1 recording in 10 is a spoof; a spoof that is aired costs 5 times a needless check by a person"),
    Use("bank call", Costs(0.05, 10, 1),
        "prior and costs of ASVspoof 5, track 1: 1 call in 20 is a spoof, and one let in costs 10 times a customer "
        "turned away"),
    Use("court", Costs(0.5, 1, 10),
        "no opinion beforehand; real speech declared a spoof costs 10 times a missed spoof (Blackstone's ratio)"),
)  # fmt: skip
