"""Verifies envelopes with securesystemslib, their payloads with jsonschema, and counts persons.

Usage:
  dsse.py verify TRUST.toml MODULE SCHEMAS LINES...
      Verifies every envelope in the files LINES with the keys that TRUST.toml lists, validates each
      statement against the schema of its type in the folder SCHEMAS, and prints JSON: how many
      envelopes of each type there are, and by role the persons who signed just MODULE. A root key
      is listed under its own name, and a seal is verified with `--site KEY.pub`.
  dsse.py sign PRIVATE.key TYPE PAYLOAD
      Prints the envelope that securesystemslib makes of the file PAYLOAD.

It knows nothing of how Cloister reads an envelope. Exit code 1 if anything does not verify.
"""

import argparse
import base64
import hashlib
import json
import pathlib
import tomllib

import jsonschema
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner, SSlibKey

STATEMENT = "application/vnd.in-toto+json"
TRUST_ROOT = "application/vnd.cloister.trust-root.v1+toml"


def key_of(raw):
    """A key of securesystemslib, named as Cloister's envelopes name it."""
    value = {"public": raw.hex()}
    return SSlibKey(hashlib.sha256(raw).hexdigest(), "ed25519", "ed25519", value)


def listed(line):
    return key_of(base64.b64decode(line.removeprefix("ed25519:"), validate=True))


def people(trust):
    """Each person's keys, and each root key by its own line."""
    found = []
    for person in trust.get("person", []):
        found += [(listed(key["public"]), person["name"]) for key in person.get("key", [])]
    return found + [(listed(line), line) for line in trust["root"]["keys"]]


def signer_of(envelope, keys):
    """Who signed: the one whose key verifies, asked by securesystemslib."""
    (keyid,) = envelope.signatures
    mine = [(key, name) for key, name in keys if key.keyid == keyid]
    envelope.verify([key for key, _ in mine], 1)
    return mine[0][1]


def verify(arguments):
    trust_bytes = pathlib.Path(arguments.trust).read_bytes()
    keys = people(tomllib.loads(trust_bytes.decode()))
    if arguments.site:
        site = serialization.load_pem_public_key(pathlib.Path(arguments.site).read_bytes())
        keys.append((key_of(site.public_bytes_raw()), "the site"))
    module = hashlib.sha256(pathlib.Path(arguments.module).read_bytes()).hexdigest()
    types, signed = {}, {}
    for file in arguments.lines:
        for line in pathlib.Path(file).read_text().splitlines():
            envelope = Envelope.from_dict(json.loads(line))
            person = signer_of(envelope, keys)
            if envelope.payload_type == TRUST_ROOT:
                assert envelope.payload == trust_bytes, "another trust root is signed"
                kind = "trust-root"
            else:
                assert envelope.payload_type == STATEMENT, envelope.payload_type
                statement = json.loads(envelope.payload)
                kind = statement["predicateType"].split(":")[2]
                schema = pathlib.Path(arguments.schemas, f"{kind}.json").read_text()
                jsonschema.validate(statement, json.loads(schema))
                (subject,) = statement["subject"]
                if subject["digest"]["sha256"] == module:
                    role = statement["predicate"]["role"]
                    signed.setdefault(role, set()).add(person)
            types[kind] = types.get(kind, 0) + 1
    print(json.dumps({"types": types, "signed": {role: sorted(signed[role]) for role in signed}}))


def private_key(pem):
    """The private key of a PKCS#8 file that holds the public half, too (RFC 5958, version 2), which
    this library does not read: the 32 bytes of an octet string in an octet string (RFC 8410)."""
    lines = [line for line in pem.splitlines() if not line.startswith("-----")]
    (_, _, after) = base64.b64decode("".join(lines)).partition(b"\x04\x22\x04\x20")
    return Ed25519PrivateKey.from_private_bytes(after[:32])


def sign(arguments):
    private = private_key(pathlib.Path(arguments.key).read_text())
    public = key_of(private.public_key().public_bytes_raw())
    envelope = Envelope(pathlib.Path(arguments.payload).read_bytes(), arguments.type, {})
    envelope.sign(CryptoSigner(private, public))
    print(json.dumps(envelope.to_dict()))


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("verify")
    command.set_defaults(run=verify)
    command.add_argument("--site")
    command.add_argument("trust")
    command.add_argument("module")
    command.add_argument("schemas")
    command.add_argument("lines", nargs="+")
    command = commands.add_parser("sign")
    command.set_defaults(run=sign)
    command.add_argument("key")
    command.add_argument("type")
    command.add_argument("payload")
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
