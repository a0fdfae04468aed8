"""Families of detectors: those that see a clip alike err alike, and a panel has one of a family."""

from core.detectors.card import Card
from core.detectors.network import NETWORKS
from core.frontends.base import FRONTENDS

__all__ = ["family"]


def family(card: Card) -> str:
    """Return the family of a detector, by its card alone.

    Its pretrained encoder where its network names one; else what its front-end shows of a clip, such as
    ``magnitude spectrum``, and for a front-end that is like no other its name.
    """
    own = NETWORKS.get(card.architecture).family
    name = str(card.frontend.get("name", ""))
    return own or _by_frontend().get(name) or name or card.architecture


def _by_frontend() -> dict[str, str]:
    return {kind.__name__: kind.family for kind in map(FRONTENDS.get, FRONTENDS.names())}
