"""Names of files, sizes and pieces of uploads, what a client announces, and how kept bytes are sealed."""

import base64
import unicodedata
from collections.abc import Callable

import pytest

from backend.core.problem import Invalid, Stale
from backend.core.sealing import Keyring, SealBroken, read_keys
from backend.core.settings import Settings
from backend.files import rules
from backend.files.rules import LEAST_PIECE, MIB, MOST_BYTES, MOST_UNFINISHED


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a.jpeg", "a.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("..\\..\\boot.ini", "boot.pdf"),
        ("", "file.pdf"),
        ("...", "file.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("a\u202egpj.exe", "agpj.pdf"),
        ("a\r\nset-cookie: x=1", "a set-cookie x=1.pdf"),
        ("học bạ lớp 9.2026.pdf", "học bạ lớp 9.2026.pdf"),
        (unicodedata.normalize("NFD", "học bạ"), "học bạ.pdf"),
        ("x" * 300, "x" * 120 + ".pdf"),
    ],
)
def test_names(given: str, shown: str) -> None:
    assert rules.clean_name(given, "pdf") == shown


@pytest.mark.parametrize(
    ("received", "offset", "length", "refusal"),
    [
        (0, 0, MIB, None),
        (MIB, MIB, MIB, None),
        (MIB, 0, MIB, "files.other_offset"),
        (0, 1, MIB, "files.other_offset"),
        (0, 0, LEAST_PIECE - 1, "files.piece_too_small"),
        (2 * MIB, 2 * MIB, MIB - 1, None),
        (3 * MIB - 1, 3 * MIB - 1, 1, None),
        (2 * MIB, 2 * MIB, MIB + 1, "files.more_than_stated"),
        (3 * MIB, 3 * MIB, 1, "files.more_than_stated"),
        (3 * MIB, 3 * MIB, 0, None),
    ],
)
def test_pieces_of_three_megabytes(received: int, offset: int, length: int, refusal: str | None) -> None:
    assert _refusal(lambda: rules.check_piece(3 * MIB, received, offset, length)) == refusal


@pytest.mark.parametrize(
    ("size", "refusal"),
    [(-1, "files.empty"), (0, "files.empty"), (1, None), (MOST_BYTES, None), (MOST_BYTES + 1, "files.too_big")],
)
def test_sizes(size: int, refusal: str | None) -> None:
    assert _refusal(lambda: rules.check_size(size)) == refusal


def test_what_is_on_the_way() -> None:
    assert _refusal(lambda: rules.check_unfinished(MOST_UNFINISHED - 5, 5)) is None
    assert _refusal(lambda: rules.check_unfinished(MOST_UNFINISHED - 5, 6)) == "files.unfinished_full"


# -- sealing


def key(letter: bytes) -> str:
    return base64.b64encode(letter * 32).decode()


def test_what_is_sealed_opens_only_with_its_key_at_its_place() -> None:
    ring = read_keys(f"2026:{key(b'a')}")
    sealed = ring.seal(b"Tran Thi Hoa", "x/1")
    assert b"Hoa" not in sealed and ring.seal(b"Tran Thi Hoa", "x/1") != sealed
    assert ring.unseal(sealed, "x/1", "2026") == b"Tran Thi Hoa"
    other_key = read_keys(f"2026:{key(b'b')}")
    other_name = read_keys(f"2025:{key(b'a')}")
    wrong = [
        (ring, sealed, "x/2", "2026"),
        (other_key, sealed, "x/1", "2026"),
        (other_name, sealed, "x/1", "2026"),
        (Keyring(), sealed, "x/1", "2026"),
        (ring, b"clear bytes put in its place", "x/1", "2026"),
        (ring, sealed[:-1], "x/1", "2026"),
        (ring, sealed[:-1] + bytes([sealed[-1] ^ 1]), "x/1", "2026"),
        (ring, sealed[:9], "x/1", "2026"),
        (ring, b"", "x/1", "2026"),
    ]
    for keyring, kept, place, name in wrong:
        with pytest.raises(SealBroken):
            keyring.unseal(kept, place, name)


def test_keys_change_and_what_was_sealed_before_still_opens() -> None:
    old = read_keys(f"2025:{key(b'a')}")
    sealed = old.seal(b"paper", "x/1")
    both = read_keys(f" 2026:{key(b'b')} , 2025:{key(b'a')} ")
    assert both.sealing_with == "2026"
    assert both.unseal(sealed, "x/1", "2025") == b"paper"
    assert both.unseal(b"kept clear", "x/1", "") == b"kept clear"


def test_without_keys_nothing_is_sealed() -> None:
    assert read_keys("").seal(b"paper", "x/1") == b"paper" and read_keys("").sealing_with == ""


@pytest.mark.parametrize(
    "written",
    [
        "2026",
        "2026:",
        f":{key(b'a')}",
        f"2026:{base64.b64encode(b'a' * 16).decode()}",
        f"2026:{base64.b64encode(b'a' * 33).decode()}",
        "2026:not base64",
        f"2026:{key(b'a')},2026:{key(b'b')}",
        f"{'x' * 17}:{key(b'a')}",
        f"a b:{key(b'a')}",
    ],
)
def test_wrong_keys_stop_the_start_and_are_not_shown(written: str) -> None:
    with pytest.raises(ValueError) as refusal:
        Settings(files_keys=written)
    secret = written.partition(":")[2]
    assert not secret or secret not in str(refusal.value)


@pytest.mark.parametrize(
    "given",
    [
        {"files_s3_bucket": "papers"},
        {"files_s3_bucket": "papers", "files_s3_access_key": "a"},
        {"clamav": "localhost:3310"},
        {"clamav": "http://localhost:3310"},
        {"clamav": "tcp://localhost"},
        {"clamav": "unix:relative"},
    ],
)
def test_settings_that_are_only_half_there(given: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        Settings.model_validate(given)


def test_a_bucket_without_encryption_on_the_way_is_for_development() -> None:
    given = {
        "files_s3_bucket": "papers",
        "files_s3_endpoint": "http://127.0.0.1:9000",
        "files_s3_access_key": "a",
        "files_s3_secret_key": "b",
    }
    assert Settings.model_validate(given).files_s3_bucket == "papers"
    outside = {
        "env": "production",
        "secret_key": "x" * 32,
        "public_url": "https://truong.example",
        "database_url": "postgresql://db/x",
        "vapid_private_key": "k",
        "vapid_contact": "mailto:it@truong.example",
    }
    with pytest.raises(ValueError, match="https"):
        Settings.model_validate(given | outside)


def _refusal(check: Callable[[], None]) -> str | None:
    try:
        check()
    except (Invalid, Stale) as problem:
        return problem.code
    return None
