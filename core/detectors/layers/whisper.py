"""The encoder of the speech recogniser Whisper: two convolutions and transformer blocks on a log-mel spectrogram.

Radford et al., "Robust speech recognition via large-scale weak supervision", ICML 2023 (arXiv:2212.04356).
"""

import torch
from torch import nn
from torch.nn import functional

__all__ = ["WhisperEncoder"]


class WhisperEncoder(nn.Module):
    """The convolutions and the first blocks, on what ``WhisperLogMel`` gives.

    Parameters
    ----------
    n_mels, width, heads : int
        80, 512 and 8 in Whisper base.
    blocks : int
        Transformer blocks kept, of six; the last ones know words and little of the voice.
    positions : int
        Steps of 20 ms in the longest window, at most 1,500.
    """

    def __init__(
        self, *, n_mels: int = 80, width: int = 512, heads: int = 8, blocks: int = 3, positions: int = 200
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(n_mels, width, 3, padding=1)
        self.conv2 = nn.Conv1d(width, width, 3, stride=2, padding=1)
        self.positions = nn.Buffer(torch.zeros(positions, width))
        self.blocks = nn.ModuleList(_Block(width, heads) for _ in range(blocks))

    def forward(self, mels: torch.Tensor) -> list[torch.Tensor]:
        """Return each block's output [shape=(batch, frames / 2, width)] for bands [shape=(batch, n_mels, frames)]."""
        x = functional.gelu(self.conv1(mels))
        x = functional.gelu(self.conv2(x)).mT
        x = x + self.positions[: x.shape[1]]
        states = []
        for block in self.blocks:
            x = block(x)
            states.append(x)
        return states


class _Block(nn.Module):
    """Attention of each step to all of them, then a perceptron on each step."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width)
        # Queries, keys and values below each other, as they are published here.
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.mlp_norm = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        split = self.qkv(self.attention_norm(x)).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        query, key, value = split.unbind(0)
        mixed = functional.scaled_dot_product_attention(query, key, value)
        x = x + self.out(mixed.transpose(1, 2).flatten(2))
        return x + torch.as_tensor(self.mlp(self.mlp_norm(x)))
