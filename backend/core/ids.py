"""Identifiers: UUID version 7 (RFC 9562), made in Python so that every supported PostgreSQL can store them."""

import os
from uuid import UUID

from backend.core import clock


def new_id() -> UUID:
    """A new time-ordered id: 48 bits of milliseconds, then random bits.

    Rows made together lie together in an index, and an id tells nothing but its age.
    """
    milliseconds = int(clock.now().timestamp() * 1000)
    random = int.from_bytes(os.urandom(10), "big")
    value = milliseconds << 80 | 0x7 << 76 | (random >> 68 & 0xFFF) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    return UUID(int=value)
