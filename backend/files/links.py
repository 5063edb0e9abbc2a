"""Signed links: whoever holds one may read that file for five minutes, and nothing else. No table knows them."""

import base64
import hmac
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from backend.core.settings import settings

LIFE: Final = timedelta(minutes=5)


def link(file_id: UUID, now: datetime, *, thumbnail: bool = False) -> str:
    """The path of a kept file (or its thumbnail) for whoever has been found to have a right to it."""
    expires = int((now + LIFE).timestamp())
    query = {"expires": str(expires), "signature": _signature(file_id, expires, thumbnail)}
    return f"/files/{file_id}?{urlencode(query | ({'thumbnail': '1'} if thumbnail else {}))}"


def opens(file_id: UUID, expires: int, signature: str, now: datetime, *, thumbnail: bool) -> bool:
    """Whether this is a link of ours that has not run out."""
    genuine = hmac.compare_digest(_signature(file_id, expires, thumbnail).encode(), signature.encode())
    return genuine and now.timestamp() < expires


def _signature(file_id: UUID, expires: int, thumbnail: bool) -> str:
    said = f"file-link/{file_id}/{'thumbnail' if thumbnail else 'whole'}/{expires}"
    digest = hmac.digest(settings().secret(), said.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
