"""Short codes people type: one-time sign-in codes and claim slips. Nothing that opens a door is stored in the clear."""

import hashlib
import hmac
import secrets
from typing import Final
from uuid import UUID

SLIP_ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
SLIP_LENGTH: Final = 12


def one_time_code(secret: bytes, challenge_id: UUID) -> str:
    """The six digits of a challenge: derived, so the database never holds them (RFC 4226's truncation over our id)."""
    digest = hmac.digest(secret, b"one-time-code" + challenge_id.bytes, "sha256")
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def new_slip_code() -> str:
    """A fresh slip code: 12 letters of an alphabet without lookalikes (60 bits), shown in groups of four."""
    return "".join(secrets.choice(SLIP_ALPHABET) for _ in range(SLIP_LENGTH))


def show_slip_code(code: str) -> str:
    """ABCD-EFGH-JKLM, as printed."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def slip_hash(secret: bytes, typed: str) -> bytes:
    """What is stored of a slip code. Case, spaces and dashes do not matter."""
    code = "".join(ch for ch in typed.upper() if ch.isalnum())
    return hmac.digest(secret, b"claim-slip" + code.encode(), "sha256")


def token_hash(token: str) -> bytes:
    """What is stored of a session token (256 random bits need no key and no salt)."""

    return hashlib.sha256(token.encode()).digest()
