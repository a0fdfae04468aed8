"""Networks as they are before any training, for the tests that hold for every one of them."""

import torch

from core.detectors.network import NETWORKS, Network

LARGE = 1_000_000


def noise(network: Network, count: int = 1, window: int | None = None) -> torch.Tensor:
    """Return windows of white noise [shape=(count, window)], the same ones each time; as long as the network's own."""
    generator = torch.Generator().manual_seed(3)
    return torch.randn(count, window or network.window, generator=generator) * 0.1


def untrained(name: str, window: int | None = None) -> Network:
    """Return a network with seeded weights, in evaluation mode.

    A shorter window than its own (samples) makes what holds for any length cheaper to show; one whose length is built
    in keeps its own.
    """
    torch.manual_seed(0)
    network = NETWORKS.get(name)().eval()
    if window is not None and not network.fixed_length:
        network.window = window
    # One that is fitted to the vectors of a large encoder takes a second for few of them, and a few are enough.
    count = 8 if sum(parameter.numel() for parameter in network.parameters()) > LARGE else 48
    syllables = _syllables(network, count)
    white, brown = noise(network, count) * syllables, noise(network, count).cumsum(-1) * 1e-3 * syllables
    with torch.inference_mode():
        # Most take nothing from this; those that are fitted and not trained have no weights before it.
        network.prepare((network.frontend(x[None]) for x in white), (network.frontend(x[None]) for x in brown))
    return network


def _syllables(network: Network, count: int) -> torch.Tensor:
    """Return envelopes [shape=(count, window)] that swing four times a second, from not at all to down to nothing.

    To a machine that was fitted to steady noise alone, speech would be infinitely far from all it knows.
    """
    swing = torch.sin(torch.arange(network.window) / 16000 * 2 * torch.pi * 4)
    return 1 + torch.linspace(0, 1, count)[:, None] * swing
