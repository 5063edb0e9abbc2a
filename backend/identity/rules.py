"""Who may try how often, how long things live, and what a password must be. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from backend.core.problem import Invalid, Problem
from backend.core.text import nfc, parse_phone, squeeze

CODE_ATTEMPTS: Final = 5
PASSWORD_LENGTH: Final = range(10, 201)
SEEN_EVERY: Final = timedelta(minutes=10)


def check_password(password: str, username: str) -> None:
    """A new password: 10 to 200 characters, not the user name, not one character repeated."""
    if len(password) not in PASSWORD_LENGTH:
        raise Invalid("identity.password_length", field="new", shortest=PASSWORD_LENGTH.start)
    if password.casefold() == username.casefold() or len(set(password)) < 4:
        raise Invalid("identity.password_guessable", field="new")


def session_life(days: int) -> timedelta:
    """How long an unused session lives."""
    return timedelta(days=days)


def clean_name(full_name: str) -> str:
    """A person's name as written, single spaces, 2 to 80 characters; raises Invalid("identity.name_invalid")."""
    name = squeeze(nfc(full_name))
    if not 2 <= len(name) <= 80 or any(ch.isdigit() or ch in "<>{}@" for ch in name):
        raise Invalid("identity.name_invalid", field="fullName")
    return name


def clean_phone(phone: str) -> str:
    """A phone in the one form it is kept and counted in (E.164); raises Invalid("identity.phone_invalid")."""
    number = parse_phone(phone[:30])
    if number is None:
        raise Invalid("identity.phone_invalid", field="phone")
    return number


@dataclass(frozen=True, slots=True)
class Challenge:
    """What decides whether a typed code opens the door."""

    expires_at: datetime
    used_at: datetime | None
    attempts: int


def judge_code(challenge: Challenge | None, typed: str, expected: str, now: datetime) -> Problem | None:
    """Why this code does not open the door, or None when it does.

    A missing, used or spent challenge answers the same as a wrong code: nothing is to be learnt by asking.
    """
    if challenge is None or challenge.used_at is not None or challenge.attempts >= CODE_ATTEMPTS:
        return Invalid("identity.code_wrong", field="code")
    if challenge.expires_at <= now:
        return Invalid("identity.code_expired", field="code")
    if typed != expected:
        return Invalid("identity.code_wrong", field="code")
    return None
