"""Files that the tests sign themselves: a certificate of a root that nobody knows, and manifests by it."""

import datetime
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
CAPTURED = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Chain:
    """A signer's certificate with its root's, the signer's key, and the root alone, as PEM."""

    certificates: bytes
    key: bytes
    root: bytes


def _name(common: str) -> x509.Name:
    organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example Newsroom")
    return x509.Name([organisation, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*, root: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not root, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=root, crl_sign=root, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def make_chain() -> Chain:
    """Return a fresh root, and a signer by it."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    made = []
    for number, common in enumerate(("Example Root", "Example Signer")):
        own, now = keys[number].public_key(), datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder().subject_name(_name(common)).issuer_name(_name("Example Root")).public_key(own)
            .serial_number(x509.random_serial_number()).not_valid_before(now - _DAY).not_valid_after(now + 365 * _DAY)
            .add_extension(x509.BasicConstraints(ca=number == 0, path_length=None), critical=True)
            .add_extension(_usage(root=number == 0), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(own), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[0].public_key()), critical=False)
        )  # fmt: skip
        if number:
            use = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
            builder = builder.add_extension(use, critical=False)
        made.append(builder.sign(keys[0], hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key = keys[1].private_bytes(encoding, form, serialization.NoEncryption())
    return Chain(made[1] + made[0], key, made[0])


def sign(data: bytes, mime: str, chain: Chain, *, remote: str = "", part: bytes = b"") -> bytes:
    """Return a file with a manifest that states that it is AI-generated, or with the address of one.

    With a ``part``, another signed file of that type, it states that it was recorded, and the part placed in it.
    """
    created = {"action": "c2pa.created", "digitalSourceType": CAPTURED if part else GENERATED}
    placed = {"action": "c2pa.placed", "parameters": {"ingredientIds": ["part"]}}
    actions = {"actions": [created, placed] if part else [created]}
    manifest: dict[str, Any] = {
        "claim_generator_info": [{"name": "Example TTS", "version": "1.0"}], "title": "a file",
        "assertions": [{"label": "c2pa.actions", "data": actions}],
    }  # fmt: skip
    info = c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, chain.certificates, chain.key, None)
    out = io.BytesIO()
    with c2pa.Signer.from_info(info) as signer, c2pa.Builder(json.dumps(manifest)) as builder:
        if part:
            about = {"title": "a part", "relationship": "componentOf", "label": "part"}
            builder.add_ingredient(json.dumps(about), mime, io.BytesIO(part))
        if remote:
            builder.set_no_embed()
            builder.set_remote_url(remote)
        builder.sign(signer, mime, io.BytesIO(data), out)
    return out.getvalue()


def write(path: Path, data: bytes) -> Path:
    """Write a file and return where."""
    path.write_bytes(data)
    return path
