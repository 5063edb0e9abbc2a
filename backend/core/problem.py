"""Problem: a refusal the user can understand and act on. The only error a client ever sees.

Domain code raises one of the six kinds with a documented code ("gradebook.marks_missing"); one handler turns it into
the GraphQL type of the same name, in the reader's language (`backend/words`). Pure: rules may raise it.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Word:
    """A parameter with words of its own, by their code, such as a weekday."""

    code: str


@dataclass(frozen=True, slots=True)
class Named:
    """A parameter known by a name in each language, such as a subject."""

    vi: str
    en: str


class Problem(Exception):
    """A refusal with a stable code, the fields it concerns, and parameters for its words.

    `fields` are paths as the client knows them ("marks.3.mark"); `retry_after` is in seconds.
    """

    def __init__(self, code: str, *, field: str | None = None, retry_after: int | None = None, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.retry_after = retry_after
        self.params = params


class SignInRequired(Problem):
    """Nobody is signed in, or the session has ended."""


class NotFound(Problem):
    """The thing does not exist, or not for this actor: the two are never told apart."""


class NotAllowed(Problem):
    """The actor is known and may not do this."""


class Invalid(Problem):
    """The input breaks a rule; names the field and what is accepted."""


class Stale(Problem):
    """Somebody changed the row since the client read it."""


class TooMany(Problem):
    """A rate limit; `retry_after` says when to come back."""
