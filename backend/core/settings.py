"""One typed Settings object, read from the environment (and .env in development)."""

import re
import secrets
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from backend.core.sealing import read_keys

_CLAMAV: Final = re.compile(r"tcp://(?:\[[0-9A-Fa-f:.]+\]|[^\s/:]+):\d{1,5}|unix:/\S+")


class Settings(BaseSettings):
    """What an operator can decide. Names in the environment begin with NHIPCAU_, but for the three everybody knows."""

    model_config = SettingsConfigDict(
        env_prefix="NHIPCAU_", extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    env: Literal["development", "production"] = "development"
    data_dir: Path = Field(
        default=Path(".data"), validation_alias="NHIPCAU_DATA", description="Folder of the embedded database and keys"
    )
    host: str = "0.0.0.0"  # noqa: S104  a phone in the same network is the point of `make run`
    port: int = Field(default=8000, validation_alias="PORT")
    public_url: str | None = Field(default=None, description="Address people type; decides cookies and QR codes")
    database_url: str | None = Field(
        default=None, validation_alias="DATABASE_URL", description="A PostgreSQL server; none = embedded"
    )
    redis_url: str | None = Field(
        default=None, validation_alias="REDIS_URL", description="A Redis server; none = in this process"
    )
    secret_key: str | None = Field(default=None, description="At least 32 characters; kept in data_dir when not given")
    database_pool: int = Field(default=10, ge=2, le=100)

    requests_at_once: int = Field(
        default=100, ge=1, le=10_000, description="More are asked to come back, in each process"
    )
    session_days: int = Field(default=60, ge=1, le=365)
    code_minutes: int = Field(default=5, ge=1, le=30, description="Life of a one-time sign-in code")
    slip_days: int = Field(default=30, ge=1, le=180, description="Life of a claim slip")
    trusted_proxies: int = Field(
        default=0, ge=0, le=5, description="Reverse proxies in front whose X-Forwarded-For counts"
    )

    vapid_private_key: str | None = Field(
        default=None, description="Base64url P-256 key; kept in data_dir when not given"
    )
    vapid_contact: str = "mailto:admin@example.invalid"
    push_private_hosts: tuple[str, ...] = Field(
        default=(), description="Hosts (with port) of push services on private addresses that are allowed: tests only"
    )
    fcm_credentials: Path | None = Field(default=None, description="Service-account file; none = no FCM")
    fcm_url: str | None = Field(default=None, description="Another address of FCM's HTTP v1 interface: tests only")

    files_s3_bucket: str | None = Field(default=None, description="A bucket for files; none = data_dir/files")
    files_s3_endpoint: str | None = Field(default=None, description="Address of an S3 server; none = that of AWS")
    files_s3_region: str = "us-east-1"
    files_s3_access_key: str | None = None
    files_s3_secret_key: str | None = None
    files_keys: str = Field(
        default="", description="name:base64 of 32 bytes, comma, …: the first encrypts kept files, all of them open"
    )
    clamav: str | None = Field(
        default=None, description="tcp://host:port or unix:/path of a clamd that looks at uploads; none = not scanned"
    )

    @property
    def development(self) -> bool:
        return self.env == "development"

    @property
    def origin(self) -> str:
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @model_validator(mode="after")
    def _refuse_weak(self) -> "Settings":
        """Secrets never have working defaults outside development."""
        if self.env == "production":
            missing = [
                name
                for name in ("secret_key", "public_url", "database_url", "vapid_private_key")
                if getattr(self, name) is None
            ]
            if missing:
                raise ValueError(f"production needs {', '.join(missing)}")
            if self.vapid_contact.endswith(".invalid"):
                raise ValueError("production needs vapid_contact: push services write to it when something is wrong")
        if self.secret_key is not None and len(self.secret_key) < 32:
            raise ValueError("secret_key needs at least 32 characters")
        return self

    @model_validator(mode="after")
    def _check_files(self) -> "Settings":
        """What keeps files is complete: a wrong key or half an address stops the start, not the first upload."""
        read_keys(self.files_keys)
        if self.files_s3_bucket is not None:
            if not (self.files_s3_access_key and self.files_s3_secret_key):
                raise ValueError("files_s3_bucket needs files_s3_access_key and files_s3_secret_key")
            if not self.development and (self.files_s3_endpoint or "https:").startswith("http:"):
                raise ValueError("production needs an https address as files_s3_endpoint")
        if self.clamav is not None and not _CLAMAV.fullmatch(self.clamav):
            raise ValueError("clamav must be tcp://host:port or unix:/path")
        return self

    def secret(self) -> bytes:
        """The key that signs and derives: given, or made once and kept in the data folder (development)."""
        if self.secret_key is not None:
            return self.secret_key.encode()
        return keep(self.data_dir / "secret_key", lambda: secrets.token_urlsafe(48)).encode()


def keep(path: Path, make: Callable[[], str]) -> str:
    """The text of a private file, made at first need, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(make())
        draft.replace(path)
    return path.read_text().strip()


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
