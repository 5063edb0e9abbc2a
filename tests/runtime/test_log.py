"""Log lines carry no personal data, whoever writes them."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from backend.core.log import bound, masked, set_up


@pytest.fixture(autouse=True)
def production() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    set_up(production=True)
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def line(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    return json.loads(capsys.readouterr().err.splitlines()[-1])


@pytest.mark.parametrize(
    "key",
    ["full_name", "name", "username", "phone", "guardian_phone", "code", "slip_code", "token", "token_hash"]
    + ["password", "national_id", "mark", "marks", "score", "average", "email", "endpoint", "secret_key", "body"],
)
def test_keys_that_name_personal_data_are_masked(key: str) -> None:
    assert masked(key, "anything") == masked(key, 7.5) == "…"


@pytest.mark.parametrize("key", ["problem_code", "status_code", "hostname", "lane", "kind", "school_id", "benchmark"])
def test_other_keys_are_kept(key: str) -> None:
    assert masked(key, "anything") == "anything"


@pytest.mark.parametrize("text", ["0912345678", "0912 345 678", "+84 912 345 678", "001206012345", "lan@truong.edu.vn"])
def test_personal_data_inside_a_text_is_masked(text: str) -> None:
    assert masked("event", f"sent to {text}, done") == "sent to …, done"


@pytest.mark.parametrize(
    "text",
    ["019a0000-1111-7222-8333-012345678901", "2026-11-21T21:17:21.123456Z", "0.0.0.0:8000", "0.12345678 s"],
)
def test_ids_times_and_addresses_are_kept(text: str) -> None:
    assert masked("event", text) == text


def test_nested_values_are_masked() -> None:
    assert masked("data", {"students": [{"full_name": "Lan", "id": 1}]}) == {"students": [{"full_name": "…", "id": 1}]}


def test_a_line_carries_request_and_actor(capsys: pytest.CaptureFixture[str]) -> None:
    with bound(request_id="r1", actor_id="a1"):
        structlog.get_logger("test").warning("refused", problem_code="core.not_allowed")
    found = line(capsys)
    assert (found["request_id"], found["actor_id"], found["event"]) == ("r1", "a1", "refused")
    assert (found["problem_code"], found["level"], found["logger"]) == ("core.not_allowed", "warning", "test")


def test_libraries_and_tracebacks_pass_the_same_mask(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError("DETAIL:  Key (phone)=(+84912345678) already exists.")
    except ValueError:
        logging.getLogger("sqlalchemy").exception("failed for %s", "lan@truong.edu.vn")
    found = line(capsys)
    assert found["event"] == "failed for …"
    assert "912345678" not in str(found) and "ValueError" in str(found["exception"])
