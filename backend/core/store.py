"""The store: bytes of files, kept in a folder of ours or in a bucket that speaks S3; sealed when there are keys.

Keys are `day/random`: nothing in them tells whose file it is, and what was left behind on one day can be listed.
"""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final, Self

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, S3Store

from backend.core.problem import NotFound, TooMany
from backend.core.sealing import Keyring, SealBroken, read_keys
from backend.core.settings import Settings

ANSWER_SECONDS: Final = 20
CONNECT_SECONDS: Final = 5
RETRIES: Final = 3
AWAY_SECONDS: Final = 30
"""When a bucket cannot be reached, people are asked to come back after so long."""

_log = structlog.get_logger(__name__)


class Store:
    """Put, get, delete. Every one raises TooMany("core.store_away") when the store does not answer."""

    def __init__(self, place: LocalStore | S3Store | MemoryStore, keyring: Keyring, folder: Path | None = None) -> None:
        self._place = place
        self._keyring = keyring
        self._folder = folder

    @classmethod
    def open(cls, chosen: Settings) -> Self:
        """The bucket of these settings, or else the folder `files` in the data folder, for its owner only."""
        keyring = read_keys(chosen.files_keys)
        if chosen.files_s3_bucket is not None:
            return cls(_bucket(chosen), keyring)
        folder = chosen.data_dir / "files"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(LocalStore(folder), keyring, folder)

    @classmethod
    def in_memory(cls) -> Self:
        """A store that ends with this process."""
        return cls(MemoryStore(), Keyring())

    @property
    def sealing_with(self) -> str:
        """The name of the key that `put` seals with; empty when it does not."""
        return self._keyring.sealing_with

    async def put(self, key: str, content: bytes) -> None:
        """Keep the bytes under the key; they are on the disk when this returns."""
        sealed = self._keyring.seal(content, key)
        try:
            await obstore.put_async(self._place, key, sealed, use_multipart=False)
            if self._folder is not None:
                await asyncio.to_thread(_settle, self._folder / key)
        except (BaseError, OSError) as error:
            raise _away(error) from error

    async def get(self, key: str, sealed_with: str) -> bytes:
        """The clear bytes. `sealed_with` is the name of the key they were sealed with, empty for none.

        Raises NotFound when nothing is there, and when it is not what was put there.
        """
        try:
            kept = bytes(await (await obstore.get_async(self._place, key)).bytes_async())
            return self._keyring.unseal(kept, key, sealed_with)
        except FileNotFoundError:
            raise NotFound("core.not_found") from None
        except SealBroken:
            _log.error("kept file does not open", key=key, sealed_with=sealed_with)
            raise NotFound("core.not_found") from None
        except (BaseError, OSError) as error:
            raise _away(error) from error

    async def delete(self, key: str) -> None:
        """Forget the bytes; no matter whether they were there."""
        try:
            await obstore.delete_async(self._place, key)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise _away(error) from error

    async def keys_of(self, day: date) -> AsyncIterator[str]:
        """The keys made on that day (UTC)."""
        try:
            async for found in obstore.list(self._place, prefix=day.isoformat()):
                for entry in found:
                    yield entry["path"]
        except (BaseError, OSError) as error:
            raise _away(error) from error


def new_key(day: date) -> str:
    """A key nobody can guess, made on this day (UTC)."""
    return f"{day.isoformat()}/{secrets.token_hex(20)}"


def _bucket(chosen: Settings) -> S3Store:
    return S3Store(
        chosen.files_s3_bucket,
        endpoint=chosen.files_s3_endpoint or f"https://s3.{chosen.files_s3_region}.amazonaws.com",
        region=chosen.files_s3_region,
        access_key_id=chosen.files_s3_access_key or "",
        secret_access_key=chosen.files_s3_secret_key or "",
        virtual_hosted_style_request=False,
        client_options={
            "allow_http": chosen.development,
            "timeout": timedelta(seconds=ANSWER_SECONDS),
            "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
        },
        retry_config={"max_retries": RETRIES, "retry_timeout": timedelta(seconds=ANSWER_SECONDS)},
    )


def _settle(path: Path) -> None:
    """Have the operating system write file and folder to the disk now: the pieces it was made of are deleted next."""
    for target in (path, path.parent):
        descriptor = os.open(target, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _away(error: Exception) -> TooMany:
    _log.error("store of files does not answer", reason=type(error).__name__)
    return TooMany("core.store_away", retry_after=AWAY_SECONDS)
