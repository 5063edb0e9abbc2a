"""Problem as GraphQL: one type, one handler, the reader's language.

A mutation returns `XPayload | Problem`. A query that is refused has no union to put it in: it fails with an error whose
`extensions` hold the same fields. Words come from `backend/words/{vi,en}.json`, keyed by the problem's code.
"""

import json
import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import strawberry
from graphql import GraphQLError

from backend.core import problem as domain

_WORDS: Final = Path(__file__).parents[2] / "words"
_KINDS: Final[Mapping[type[domain.Problem], str]] = {
    domain.SignInRequired: "SIGN_IN_REQUIRED",
    domain.NotFound: "NOT_FOUND",
    domain.NotAllowed: "NOT_ALLOWED",
    domain.Invalid: "INVALID",
    domain.Stale: "STALE",
    domain.TooMany: "TOO_MANY",
}
_GAP: Final = re.compile(r"\{(\w+)\}")


@cache
def _book(language: str) -> Mapping[str, str]:
    """All words of a language; English is the fallback for an unknown language, never for a missing word."""
    path = _WORDS / f"{language if language in ('vi', 'en') else 'en'}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def browser_language(accept_language: str) -> Literal["vi", "en"]:
    """What a browser asks for, while nobody's own choice is known; Vietnamese when it does not say."""
    return "en" if accept_language.lower().startswith("en") else "vi"


def words(code: str, language: str, **params: object) -> str:
    """The sentence for a problem code, with `{name}` filled from params. A code without words is shown as it is."""
    sentence = _book(language).get(code, code)
    return _GAP.sub(lambda gap: _said(params.get(gap[1], gap[0]), language), sentence)


def _said(value: object, language: str) -> str:
    """A parameter as it is read: a word in the reader's language, a day as 22/11/2026, anything else as it is."""
    if isinstance(value, domain.Word):
        return words(value.code, language)
    if isinstance(value, domain.Named):
        return value.en if language == "en" else value.vi
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)


@strawberry.type(name="ProblemField")
class ProblemField:
    """One part of the input that is wrong."""

    path: str = strawberry.field(description='Where in the input, such as "marks.3.mark"')
    message: str


@strawberry.type(name="Problem")
class Problem:
    """A refusal the user can understand and act on."""

    code: str = strawberry.field(description='Stable, such as "gradebook.marks_missing"')
    kind: str = strawberry.field(
        description="SIGN_IN_REQUIRED, NOT_FOUND, NOT_ALLOWED, INVALID, STALE or TOO_MANY: what a client reacts to"
    )
    message: str = strawberry.field(description="In the reader's language")
    fields: list[ProblemField]
    retry_after: int | None = strawberry.field(description="Seconds")

    @classmethod
    def of(cls, refused: domain.Problem, language: str) -> "Problem":
        message = words(refused.code, language, **refused.params)
        fields = [ProblemField(path=refused.field, message=message)] if refused.field else []
        return cls(
            code=refused.code, kind=kind_of(refused), message=message, fields=fields, retry_after=refused.retry_after
        )


class ProblemHandler(strawberry.ExceptionHandler[domain.Problem, Problem]):
    """Turns what domain code raises into the union's second member, for every mutation of the schema."""

    def handle(self, exception: domain.Problem, *, field: Any, info: Any) -> Problem:
        return Problem.of(exception, info.context.language)


def kind_of(refused: domain.Problem) -> str:
    """The kind of a problem as clients know it."""
    return next((_KINDS[cls] for cls in type(refused).__mro__ if cls in _KINDS), "INVALID")


def as_error(refused: domain.Problem, language: str) -> dict[str, Any]:
    """A problem as an entry of `errors`, for reads and for requests that never reached a field."""
    message = words(refused.code, language, **refused.params)
    fields = [{"path": refused.field, "message": message}] if refused.field else []
    extensions = {
        "code": refused.code,
        "kind": kind_of(refused),
        "fields": fields,
        "retryAfter": refused.retry_after,
    }
    return {"message": message, "extensions": extensions}


def problem_in(error: GraphQLError | BaseException | None) -> domain.Problem | None:
    """The domain problem behind a GraphQL error, if that is what it was."""
    while isinstance(error, GraphQLError):
        error = error.original_error
    return error if isinstance(error, domain.Problem) else None
