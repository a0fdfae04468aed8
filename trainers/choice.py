"""Which candidates become members of a panel, by how much weight, and why the others do not."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.analysis.format import rate
from core.analysis.fusion import chosen_shares, worth_keeping
from core.detectors.family import family
from trainers.candidates import Candidates

__all__ = ["Choice", "choose", "families", "versions"]

# A detector that fewer resamples than this want is there by luck.
_WANTED = 0.25
# What a member must bring for its computing: equal error rate and Cllr together, on held-out clips.
_LEAST = 0.01
_NOT_WORTH = f"without it the panel's error rate and Cllr together are worse by {_LEAST:g} at most"


@dataclass(frozen=True)
class Choice:
    """The members of a panel.

    Attributes
    ----------
    weights : dict of str to float
        Of the members, summing to 1.
    shares : dict of str to float
        In which share of the resampled pages a candidate was chosen; those never chosen are left out.
    refused : dict of str to str
        Why each other candidate is no member.
    """

    weights: dict[str, float]
    shares: dict[str, float]
    refused: dict[str, str]


def choose(candidates: Candidates, most: int, *, keep: Collection[str] = ()) -> Choice:
    """Choose at most ``most`` members that err unlike each other, no two of a family; 0 takes all, evenly weighed.

    Those of ``keep`` are members in any case, by as little weight as they are wanted: for what no error rate shows.
    """
    names = list(candidates.cards)
    if not most:
        return Choice(dict.fromkeys(names, 1 / len(names)), dict.fromkeys(names, 1.0), dict(candidates.refused))
    usable = candidates.usable
    scores, real, parts = candidates.scores[usable], candidates.real[usable], versions(candidates)[usable]
    pages = candidates.clips.loc[usable, "page"].to_numpy(dtype=object)
    of = families(candidates)
    shares = chosen_shares(scores.reset_index(drop=True), real, parts, pages, most=most, families=of)
    wanted, refused = _wanted(names, shares, of, most)
    weights = worth_keeping(scores, real, parts, wanted, least=_LEAST)
    refused |= {name: _NOT_WORTH for name in wanted if name not in weights}
    weights, refused = _with_kept(weights, refused, keep, shares)
    return Choice(weights, shares, candidates.refused | refused)


def _with_kept(
    weights: dict[str, float], refused: dict[str, str], keep: Collection[str], shares: Mapping[str, float]
) -> tuple[dict[str, float], dict[str, str]]:
    """Return the members with those that are kept in any case, each by the share of resamples that want it."""
    missing = [name for name in keep if name not in weights]
    total = 1 + sum(shares.get(name, 0.0) for name in missing)
    members = {name: weight / total for name, weight in weights.items()}
    members |= {name: shares.get(name, 0.0) / total for name in missing}
    return members, {name: why for name, why in refused.items() if name not in members}


def families(candidates: Candidates) -> dict[str, str]:
    """Return the family of each candidate."""
    return {name: family(card) for name, card in candidates.cards.items()}


def versions(candidates: Candidates) -> NDArray[np.object_]:
    """Return the version of each row's clip: the parts whose error rates count the same."""
    return candidates.clips["version"].to_numpy(dtype=object)


def _wanted(
    names: list[str], shares: Mapping[str, float], of: Mapping[str, str], most: int
) -> tuple[dict[str, float], dict[str, str]]:
    """Return the candidates that resamples want, the most wanted first, with their shares, and why not the others."""
    members: dict[str, float] = {}
    refused: dict[str, str] = {}
    for name in [*shares, *(name for name in names if name not in shares)]:
        share = shares.get(name, 0.0)
        relative = next((member for member in members if of[member] == of[name]), None)
        if relative is not None:
            refused[name] = f"of one family ({of[name]}) with {relative}, which is chosen more often"
        elif share < _WANTED:
            of_draws, wanted = rate(share, digits=0), rate(_WANTED, digits=0)
            refused[name] = f"chosen on {of_draws} of the resampled pages, which is less than {wanted}"
        elif len(members) == most:
            refused[name] = f"the panel has its {most} members, all of them chosen more often"
        else:
            members[name] = share
    return members, refused
