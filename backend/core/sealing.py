"""Sealing: kept bytes encrypted with AES-256-GCM, each with the name of its key, so that keys can change.

A sealed text is MARK, the length and letters of the key's name, a random nonce of 12 bytes, then what AES-GCM made. The
place where it is kept is authenticated with it: bytes moved to another place do not open.
"""

import base64
import binascii
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MARK: Final = b"NCS1"
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,16}")


class SealBroken(Exception):
    """The bytes were changed, moved, are not sealed at all, or their key is not among ours."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """Keys by name. The first seals; all of them open. Without keys nothing is sealed."""

    keys: Mapping[str, AESGCM] = field(default_factory=dict)

    @property
    def sealing_with(self) -> str:
        """The name of the key new bytes are sealed with; empty when they are not."""
        return next(iter(self.keys), "")

    def seal(self, content: bytes, place: str) -> bytes:
        """The bytes as they are kept at this place; unchanged without keys."""
        name = self.sealing_with
        if not name:
            return content
        nonce = os.urandom(NONCE_BYTES)
        head = MARK + bytes([len(name)]) + name.encode()
        return head + nonce + self.keys[name].encrypt(nonce, content, place.encode())

    def unseal(self, kept: bytes, place: str, sealed_with: str) -> bytes:
        """The clear bytes of what was kept there under this key's name (empty: it was kept clear).

        The name comes from the database: whoever can only write to the store cannot pass clear bytes off as sealed.
        Raises SealBroken.
        """
        if not sealed_with:
            return kept
        head = MARK + bytes([len(sealed_with)]) + sealed_with.encode()
        key = self.keys.get(sealed_with)
        if key is None or not kept.startswith(head):
            raise SealBroken(place)
        nonce = kept[len(head) : len(head) + NONCE_BYTES]
        try:
            return key.decrypt(nonce, kept[len(head) + NONCE_BYTES :], place.encode())
        except (InvalidTag, ValueError) as broken:
            raise SealBroken(place) from broken


def read_keys(written: str) -> Keyring:
    """The keyring of "name:base64,name2:base64"; empty for an empty text. Raises ValueError that shows no key."""
    keys: dict[str, AESGCM] = {}
    for position, part in enumerate(filter(None, (part.strip() for part in written.split(","))), start=1):
        name, _, encoded = part.partition(":")
        if not _NAME.fullmatch(name) or name in keys:
            raise ValueError(f"key {position} needs a name of its own: 1 to 16 letters, digits, '_', '.' or '-'")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if len(key) != KEY_BYTES:
            raise ValueError(f"key {name} must be {KEY_BYTES} bytes in base64")
        keys[name] = AESGCM(key)
    return Keyring(keys)
