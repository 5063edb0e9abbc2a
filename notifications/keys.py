"""The key by which push services know us (VAPID, RFC 8292): given by the operator, or made once and kept."""

import base64
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from backend.core.problem import Invalid
from backend.core.settings import Settings, keep

POINT_BYTES = 65  # an uncompressed point of P-256
AUTH_BYTES = 16  # RFC 8291 §3.2


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Both halves as base64url without padding: 32 bytes of secret, 65 bytes that browsers subscribe with."""

    private: str
    public: str

    @classmethod
    def make(cls) -> "KeyPair":
        """A fresh pair."""
        number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
        return cls.of(encode(number.to_bytes(32, "big")))

    @classmethod
    def of(cls, private: str) -> "KeyPair":
        """The pair that belongs to a private half. Raises ValueError when it is none."""
        raw = decode(private)
        if len(raw) != 32:
            raise ValueError("vapid_private_key must be 32 bytes in base64url")
        key = ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())
        point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        return cls(encode(raw), encode(point))


def key_pair(settings: Settings) -> KeyPair:
    """Our pair: all devices subscribe with it, so losing it loses every device."""
    private = settings.vapid_private_key
    return KeyPair.of(private or keep(settings.data_dir / "vapid_private_key", lambda: KeyPair.make().private))


def receiver_key(text: str) -> bytes:
    """A browser's p256dh key as raw bytes, known to lie on the curve. Raises Invalid."""
    try:
        point = decode(text)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        raise Invalid("notifications.key_refused", field="p256dh") from None
    if len(point) != POINT_BYTES:
        raise Invalid("notifications.key_refused", field="p256dh")
    return point


def receiver_secret(text: str) -> bytes:
    """A browser's auth secret as raw bytes. Raises Invalid."""
    try:
        secret = decode(text)
    except ValueError:
        raise Invalid("notifications.key_refused", field="auth") from None
    if len(secret) != AUTH_BYTES:
        raise Invalid("notifications.key_refused", field="auth")
    return secret


def encode(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """From base64url, padded or not. Raises ValueError."""
    bare = text.rstrip("=")
    return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
