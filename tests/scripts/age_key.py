"""Opens and makes age files with a passphrase, for the tests to compare with.

    age_key.py open FILE PASSPHRASE           prints what is inside
    age_key.py lock WORK PASSPHRASE < TEXT    prints an armoured file, at a cost of 2^WORK steps

Written from the specification (c2sp.org/age, RFC 8439, RFC 5869) with Python's own library alone,
for texts of less than one chunk of 64 KiB. Its arithmetic is slow and leaks: it guards nothing.
"""

import base64
import hashlib
import hmac
import os
import sys

VERSION = b"age-encryption.org/v1"
HEAD, FOOT = "-----BEGIN AGE ENCRYPTED FILE-----", "-----END AGE ENCRYPTED FILE-----"


def words(data):
    return [int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), 4)]


def chacha20_block(key, counter, nonce):
    """RFC 8439, 2.3."""

    def quarter(s, a, b, c, d):
        for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            s[x] = (s[x] + s[y]) & 0xFFFFFFFF
            s[z] ^= s[x]
            s[z] = (s[z] << turn | s[z] >> (32 - turn)) & 0xFFFFFFFF

    start = words(b"expand 32-byte k" + key + counter.to_bytes(4, "little") + nonce)
    state = list(start)
    for _ in range(10):
        for column in range(4):
            quarter(state, column, column + 4, column + 8, column + 12)
        for row in range(4):
            quarter(state, row, (row + 1) % 4 + 4, (row + 2) % 4 + 8, (row + 3) % 4 + 12)
    both = ((now + then) & 0xFFFFFFFF for now, then in zip(state, start))
    return b"".join(word.to_bytes(4, "little") for word in both)


def chacha20(key, nonce, data):
    blocks = (chacha20_block(key, at // 64 + 1, nonce) for at in range(0, len(data), 64))
    return bytes(a ^ b for a, b in zip(data, b"".join(blocks)))


def poly1305(key, nonce, data):
    """RFC 8439, 2.5 and 2.8, without additional data."""
    once = chacha20_block(key, 0, nonce)
    r = int.from_bytes(once[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    text = data + bytes(-len(data) % 16) + bytes(8) + len(data).to_bytes(8, "little")
    sum_ = 0
    for at in range(0, len(text), 16):
        sum_ = (sum_ + int.from_bytes(text[at : at + 16] + b"\1", "little")) * r % (2**130 - 5)
    return ((sum_ + int.from_bytes(once[16:32], "little")) % 2**128).to_bytes(16, "little")


def seal(key, nonce, data):
    sealed = chacha20(key, nonce, data)
    return sealed + poly1305(key, nonce, sealed)


def unseal(key, nonce, sealed):
    sealed, tag = sealed[:-16], sealed[-16:]
    assert hmac.compare_digest(poly1305(key, nonce, sealed), tag), "another key"
    return chacha20(key, nonce, sealed)


def hkdf(secret, salt, info):
    """RFC 5869 with SHA-256, 32 bytes."""
    return hmac.digest(hmac.digest(salt or bytes(32), secret, "sha256"), info + b"\1", "sha256")


def wrapping_key(passphrase, salt, work):
    salt = VERSION + b"/scrypt" + salt
    memory = 2**31 - 1
    secret = passphrase.encode()
    return hashlib.scrypt(secret, salt=salt, n=2**work, r=8, p=1, dklen=32, maxmem=memory)


def encoded(data):
    return base64.b64encode(data).rstrip(b"=")


def decoded(text):
    return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)


LAST_CHUNK = bytes(11) + b"\1"


def open_(text, passphrase):
    lines = text.strip().split("\n")
    assert lines[0] == HEAD and lines[-1] == FOOT, "not armoured"
    data = base64.b64decode("".join(lines[1:-1]), validate=True)
    version, stanza, body, mac = data.split(b"\n", 4)[:4]
    arrow, kind, salt, work = stanza.split(b" ")
    assert (version, arrow, kind) == (VERSION, b"->", b"scrypt"), "another header"
    key = unseal(wrapping_key(passphrase, decoded(salt), int(work)), bytes(12), decoded(body))
    header = b"\n".join((version, stanza, body, b"---"))
    found = hmac.digest(hkdf(key, b"", b"header"), header, "sha256")
    assert mac == b"--- " + encoded(found), "another header was authenticated"
    payload = data.split(b"\n", 4)[4]
    return unseal(hkdf(key, payload[:16], b"payload"), LAST_CHUNK, payload[16:])


def lock(inside, passphrase, work):
    key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
    wrapped = seal(wrapping_key(passphrase, salt, work), bytes(12), key)
    stanza = b"-> scrypt %s %d" % (encoded(salt), work)
    header = b"\n".join((VERSION, stanza, encoded(wrapped), b"---"))
    mac = encoded(hmac.digest(hkdf(key, b"", b"header"), header, "sha256"))
    payload = nonce + seal(hkdf(key, nonce, b"payload"), LAST_CHUNK, inside)
    text = base64.b64encode(header + b" " + mac + b"\n" + payload).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([HEAD, *lines, FOOT, ""])


def main():
    verb, of, passphrase = sys.argv[1:]
    if verb == "open":
        with open(of, encoding="ascii") as file:
            sys.stdout.buffer.write(open_(file.read(), passphrase))
    else:
        sys.stdout.write(lock(sys.stdin.buffer.read(), passphrase, int(of)))


if __name__ == "__main__":
    main()
