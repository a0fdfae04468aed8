"""Content credentials: a C2PA manifest, who signed it, whether the signature holds, and what it states.

Nothing is fetched: neither a manifest that lies elsewhere nor the state of a certificate.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from core.provenance.lines import Line, State, plain

__all__ = ["credential_lines", "read_credentials"]

Facts = dict[str, Any]

_NOTHING = "None found says nothing: most files carry none, and anybody can take them out."
_MAY_BE_ANYBODY = (
    "Anybody can make such a signature under any name: the file was not changed since somebody signed it, no more."
)
_HOLDS = "The file was not changed since this signer signed it; whether what the signer states is true is not checked."
_VOID = "Something was changed after the signing, or the signature never held: nothing that they state counts."
_REASONS = {
    "assertion.dataHash.mismatch": "the sound or the tags were changed after the signing",
    "assertion.bmffHash.mismatch": "the sound or the tags were changed after the signing",
    "assertion.hashedURI.mismatch": "what they state was changed after the signing",
    "claimSignature.mismatch": "the signature does not fit what it signs",
    "claimSignature.outsideValidity": "the certificate was out of date when it was used",
    "signingCredential.expired": "the certificate has expired, and no time stamp shows that it was signed before",
    "signingCredential.invalid": "the certificate may not sign such credentials",
}
# What counts as generated, among the kinds of source of the IPTC (cv.iptc.org/newscodes/digitalsourcetype).
_GENERATED = {
    "trainedAlgorithmicMedia": "the file is AI-generated",
    "compositeWithTrainedAlgorithmicMedia": "the file is AI-generated in part",
    "compositeSynthetic": "the file is AI-generated in part",
    "algorithmicMedia": "the file was made by an algorithm",
}
_OF_A_PART = "Whoever signed that file states it, which is not checked here: a hint, no proof."
_WEIGHT: dict[str, str] = {
    "trusted": "A known signer states it: weigh that above what any detector answers.",
    "valid": "An unknown signer states it: a hint, no proof.",
    "invalid": "Credentials that do not fit the file prove nothing.",
}


def read_credentials(path: str, *, anchors: str) -> Facts:
    """Return what a file's content credentials hold, as plain values; runs in the child.

    Parameters
    ----------
    path : str
        A regular file; its type is seen from its content, also where tags stand before it.
    anchors : str
        Trusted certificates, PEM.
    """
    import c2pa

    settings = {
        "verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False},
        "trust": {"trust_anchors": anchors},
    }
    try:
        with open(path, "rb") as file, c2pa.Reader(None, file, context=c2pa.Context.from_dict(settings)) as reader:
            return _facts(str(reader.get_validation_state()), json.loads(reader.json()))
    except c2pa.C2paError.ManifestNotFound:
        return {"state": "none"}
    except c2pa.C2paError.NotSupported:
        return {"state": "unsupported"}
    except c2pa.C2paError as error:
        why = str(error)
        return {"state": "remote" if why.startswith("Remote:") else "damaged", "why": why}


def _facts(state: str, store: Mapping[str, Any]) -> Facts:
    manifests = store.get("manifests") or {}
    active = manifests.get(store.get("active_manifest")) or {}
    signature = active.get("signature_info") or {}
    others = [manifest for manifest in manifests.values() if manifest is not active]
    return {
        "state": state.lower(),
        "signer": signature.get("issuer") or "", "name": signature.get("common_name") or "",
        "time": signature.get("time") or "", "tool": _tool(active),
        "sources": _sources([active]), "sources_of_parts": _sources(others),
        "failures": [str(status.get("code")) for status in store.get("validation_status") or []],
    }  # fmt: skip


def _sources(manifests: Iterable[Mapping[str, Any]]) -> list[str]:
    actions = [action for manifest in manifests for action in _actions(manifest)]
    return sorted({str(kind).rsplit("/", 1)[-1] for a in actions if (kind := a.get("digitalSourceType"))})


def _actions(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for assertion in manifest.get("assertions") or []:
        if str(assertion.get("label", "")).startswith("c2pa.actions"):
            yield from (assertion.get("data") or {}).get("actions") or []


def _tool(manifest: Mapping[str, Any]) -> str:
    first: Mapping[str, Any] = next(iter(manifest.get("claim_generator_info") or []), {})
    stated = " ".join(str(first[key]) for key in ("name", "version") if first.get(key))
    return stated or str(manifest.get("claim_generator") or "")


def credential_lines(facts: Facts) -> tuple[Line, ...]:
    """Return the lines on a file's content credentials."""
    state = facts.get("state", "unread")
    if state == "none":
        return (Line("credentials", "No content credentials were found.", _NOTHING, "nothing"),)
    if state == "unsupported":
        text = "Content credentials cannot be looked for in this container: C2PA defines no place for them in it."
        return (Line("credentials", text, _NOTHING, "unread"),)
    if state == "remote":
        text = f"The file names content credentials that lie elsewhere ({plain(facts['why'].split()[-1], 120)})."
        return (Line("credentials", text, "They were not fetched: nothing here is loaded from the network.", "unread"),)
    if state == "damaged":
        text = f"There are content credentials, and they are damaged ({plain(facts['why'], 120)})."
        return (Line("credentials", text, _VOID, "invalid"),)
    if state == "unread":
        text = f"Content credentials could not be looked for: {plain(facts.get('unread', 'the reader failed'), 120)}"
        return (Line("credentials", text, "Whether there are any is not known.", "unread"),)
    held: State = "trusted" if state == "trusted" else "valid" if state == "valid" else "invalid"
    return (_signature(facts, held), _origin(facts, held), _generated(facts, held))


def _signature(facts: Facts, held: State) -> Line:
    signer = f"“{plain(facts['signer']) or 'no name'}”" + (f" ({plain(facts['name'])})" if facts["name"] else "")
    if held == "trusted":
        return Line("credentials", f"Signed by {signer}: valid, and the signer is trusted.", _HOLDS, held)
    if held == "valid":
        return Line("credentials", f"Signed by {signer}: valid, signer unknown.", _MAY_BE_ANYBODY, held)
    codes = [code for code in facts["failures"] if code != "signingCredential.untrusted"]
    why = "; ".join(dict.fromkeys(_REASONS.get(code, plain(code)) for code in codes[:4])) or "no reason is given"
    return Line("credentials", f"Signed in the name of {signer}: invalid ({why}).", _VOID, held)


def _origin(facts: Facts, held: State) -> Line:
    when = f"signed {plain(facts['time'])} by its time stamp" if facts["time"] else "without a time stamp"
    text = f"Made with {plain(facts['tool']) or 'a tool that is not named'}, {when}."
    return Line("credentials", text, "" if held == "trusted" else "Stated by whoever signed.", "fact")


def _generated(facts: Facts, held: State) -> Line:
    stated = list(dict.fromkeys(_GENERATED[kind] for kind in facts["sources"] if kind in _GENERATED))
    if stated:
        return Line("credentials", f"They state that {' and that '.join(stated)}.", _WEIGHT[held], "notable")
    if any(kind in _GENERATED for kind in facts["sources_of_parts"]):
        text = "Of the file itself they do not state that it is AI-generated, but of a file that went into it."
        return Line("credentials", text, _WEIGHT["invalid"] if held == "invalid" else _OF_A_PART, "notable")
    kinds = ", ".join(plain(kind) for kind in facts["sources"]) or "none"
    text = f"They do not state that the file is AI-generated (source stated: {kinds})."
    return Line("credentials", text, "That a statement is missing says nothing.", "fact")
