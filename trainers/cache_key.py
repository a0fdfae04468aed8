"""What a file of the cache folder is called that holds what a network made of clips."""

from collections.abc import Mapping

import torch
from safetensors.torch import save as save_tensors

from core.files import sha256_bytes

__all__ = ["cache_key"]


def cache_key(weights: Mapping[str, torch.Tensor], about: str) -> str:
    """Return a name by the digest of weights and of what they were given.

    Parameters
    ----------
    weights : dict of str to Tensor
        All that made it, by name: those that a fit changes afterwards are left out.
    about : str
        The clips' key, and what was done to them.
    """
    stored = save_tensors({name: value.contiguous() for name, value in weights.items()})
    return sha256_bytes(stored + about.encode())[:24]
