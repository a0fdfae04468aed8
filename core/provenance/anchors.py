"""Whose signatures are trusted: the public list of anchors that ships, and those that the user names."""

from pathlib import Path

from core.errors import SpoofscopeError
from core.settings import ANCHORS

__all__ = ["PUBLIC_LIST", "public_anchors", "trust_anchors"]

PUBLIC_LIST = Path(__file__).resolve().parent / "anchors" / "c2pa-trust-list.pem"
"""The C2PA Trust List of 21 August 2026 (github.com/c2pa-org/conformance-public, CC BY 4.0)."""


def public_anchors() -> str:
    """Return the trust anchors of the public list as PEM."""
    return PUBLIC_LIST.read_text(encoding="utf-8")


def trust_anchors(named: Path | None = None) -> str:
    """Return the trust anchors as PEM: the public list, then the user's.

    Parameters
    ----------
    named : Path, optional
        A file of certificates; by default ``$SPOOFSCOPE_ANCHORS``, where that is set.

    Raises
    ------
    SpoofscopeError
        When the named file cannot be read or holds no certificate: the library would pass over it without a word.
    """
    if named is None and (setting := ANCHORS.read()):
        named = Path(setting)
    return public_anchors() if named is None else f"{public_anchors()}\n{_checked(named)}"


def _checked(path: Path) -> str:
    from cryptography.x509 import load_pem_x509_certificates

    todo = "give a file of certificates in PEM, each between BEGIN CERTIFICATE and END CERTIFICATE."
    try:
        text = path.read_text(encoding="utf-8")
        load_pem_x509_certificates(text.encode())
    except OSError as error:
        raise SpoofscopeError(f"The trust anchors in {path} cannot be read ({error.strerror}): {todo}") from error
    except ValueError as error:
        raise SpoofscopeError(f"{path} holds no trust anchors that can be used: {todo}") from error
    return text
