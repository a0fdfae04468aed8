"""Length-prefixed frames between the application and its decoding children: a JSON head, then raw bytes."""

import json
import struct
from typing import Any

__all__ = ["MAX_HEAD_BYTES", "PREFIX", "pack_head", "unpack_head", "unpack_prefix"]

# Length of the JSON head, then length of the payload, both in bytes.
PREFIX = struct.Struct(">IQ")
MAX_HEAD_BYTES = 1 << 20


def pack_head(head: dict[str, Any], *, payload_bytes: int = 0) -> bytes:
    """Return the start of a frame, to be followed by ``payload_bytes`` bytes of payload."""
    # ASCII escapes carry file names that are not valid UTF-8 through unharmed.
    text = json.dumps(head, ensure_ascii=True).encode("ascii")
    return PREFIX.pack(len(text), payload_bytes) + text


def unpack_prefix(prefix: bytes | bytearray, *, max_payload_bytes: int) -> tuple[int, int]:
    """Return (head length, payload length) in bytes; ValueError when either is beyond its bound."""
    head_bytes, payload_bytes = PREFIX.unpack(prefix)
    if head_bytes > MAX_HEAD_BYTES or payload_bytes > max_payload_bytes:
        raise ValueError(f"frame of {head_bytes} + {payload_bytes} bytes is beyond its bound")
    return head_bytes, payload_bytes


def unpack_head(text: bytes | bytearray) -> dict[str, Any]:
    """Return the JSON head of a frame; ValueError when it is not an object."""
    head = json.loads(text)
    if not isinstance(head, dict):
        raise ValueError("frame head is not an object")
    return head
