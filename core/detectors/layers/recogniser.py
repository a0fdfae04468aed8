"""The encoder of a speech recogniser: its features between the waveform and the words.

Moonshine (Jeffries et al. 2024, arXiv:2410.15608). Names of parameters follow its publication.
"""

import torch
from torch import nn
from torch.nn import functional

__all__ = ["RecogniserEncoder"]

_ROTATED = 0.9
_SLOWEST = 10_000.0


class RecogniserEncoder(nn.Module):
    """Two convolutions and the first transformer layers, on what ``LearntFilters`` gives.

    Parameters
    ----------
    width, heads : int
        288 and 8 in Moonshine Tiny.
    layers : int
        Of six; the last ones know words and little of the voice.
    """

    def __init__(self, *, width: int = 288, heads: int = 8, layers: int = 3) -> None:
        super().__init__()
        self.groupnorm = nn.GroupNorm(1, width)
        self.conv2 = nn.Conv1d(width, 2 * width, 7, stride=3)
        self.conv3 = nn.Conv1d(2 * width, width, 3, stride=2)
        self.layers = nn.ModuleList(_Layer(width, heads) for _ in range(layers))
        pairs = int(_ROTATED * width / heads) // 2
        self.speeds = nn.Buffer(_SLOWEST ** -(torch.arange(pairs) / pairs), persistent=False)

    def forward(self, filtered: torch.Tensor) -> list[torch.Tensor]:
        """Return each layer's input and the last one's output [shape=(batch, frames, width)], one frame in 24 ms."""
        x = functional.gelu(self.conv2(self.groupnorm(filtered)))
        x = functional.gelu(self.conv3(x)).mT
        angles = torch.arange(x.shape[1], device=x.device)[:, None] * self.speeds
        turn = torch.stack([angles.cos(), angles.sin()])
        states = [x]
        for layer in self.layers:
            states.append(layer(states[-1], turn))
        return states


class _Layer(nn.Module):
    """Attention of each frame to all of them, then a perceptron on each frame."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.input_layernorm = nn.LayerNorm(width, bias=False)
        self.self_attn = nn.ModuleDict({f"{name}_proj": nn.Linear(width, width, bias=False) for name in "qkvo"})
        self.post_attention_layernorm = nn.LayerNorm(width, bias=False)
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(width, 4 * width), "fc2": nn.Linear(4 * width, width)})

    def forward(self, x: torch.Tensor, turn: torch.Tensor) -> torch.Tensor:
        normed = self.input_layernorm(x)
        query, key, value = (self._split(self.self_attn[f"{name}_proj"](normed)) for name in "qkv")
        mixed = functional.scaled_dot_product_attention(_turned(query, turn), _turned(key, turn), value)
        x = x + self.self_attn["o_proj"](mixed.transpose(1, 2).flatten(2))
        inner = functional.gelu(self.mlp["fc1"](self.post_attention_layernorm(x)))
        return x + torch.as_tensor(self.mlp["fc2"](inner))

    def _split(self, x: torch.Tensor) -> torch.Tensor:
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)


def _turned(x: torch.Tensor, turn: torch.Tensor) -> torch.Tensor:
    """Rotate pairs of neighbouring values by angles that grow with time (Su et al. 2021, arXiv:2104.09864)."""
    cos, sin = turn.to(x.dtype)
    rotated = 2 * cos.shape[-1]
    even, odd = x[..., :rotated:2], x[..., 1:rotated:2]
    pairs = torch.stack([even * cos - odd * sin, odd * cos + even * sin], dim=-1)
    return torch.cat([pairs.flatten(-2), x[..., rotated:]], dim=-1)
