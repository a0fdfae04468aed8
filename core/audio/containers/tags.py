"""Tags and filling: bytes around a recording that are no sound and no loss."""

from core.audio.containers.file_bytes import FileBytes

__all__ = ["tag_bytes"]

ID3_HEADER_BYTES, ID3_FOOTER_FLAG = 10, 0x10
ID3V1_BYTES = 128
APE_BYTES, APE_HAS_HEADER, APE_IS_HEADER = 32, 1 << 31, 1 << 29
LYRICS_END = b"LYRICS200"
FILLING_STEP = 1 << 16


def tag_bytes(data: FileBytes, at: int) -> int:
    """Return how many bytes from ``at`` are tags (ID3, APE, Lyrics3) or zeros up to the end; 0 for none."""
    start = at
    while at < data.size and (length := _one(data, at)):
        at += length
    return min(at, data.size) - start


def _one(data: FileBytes, at: int) -> int:
    head = data.read(at, ID3_HEADER_BYTES)
    if head[:3] == b"ID3" and len(head) == ID3_HEADER_BYTES and max(head[6:]) < 0x80:
        size = sum(byte << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))
        return ID3_HEADER_BYTES + size + (ID3_HEADER_BYTES if head[5] & ID3_FOOTER_FLAG else 0)
    if head[:3] == b"TAG" and data.read(at, 4) != b"TAG+":
        return ID3V1_BYTES
    if head[:8] == b"APETAGEX":
        size, flags = data.number(at + 12, 4, big=False), data.number(at + 20, 4, big=False)
        # The size counts the items and the footer; a header comes before them.
        return APE_BYTES if not flags & APE_IS_HEADER else APE_BYTES + size
    if head == b"LYRICSBEGI":
        end = data.find(LYRICS_END, at)
        return end + len(LYRICS_END) - at if end >= 0 else 0
    return _zeros_to_end(data, at)


def _zeros_to_end(data: FileBytes, at: int) -> int:
    start = at
    while at < data.size:
        block = data.read(at, FILLING_STEP)
        if block.strip(b"\0"):
            return 0
        at += len(block)
    return at - start
