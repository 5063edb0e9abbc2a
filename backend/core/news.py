"""News: the bytes of a signal, and the channels they go by. Built once by whoever publishes, passed on as they are.

    event: next
    data: {"data":{"news":{"kind":"notification","id":"0192…"}}}

The form is graphql-sse's. A signal carries no personal data: a kind and an id; the app fetches the rest itself.
"""

from uuid import UUID

import orjson

from backend.core.actor import Actor


def channel_of(user_id: UUID) -> str:
    """The bus channel of one person."""
    return f"news:{user_id}"


def school_channel(school_id: UUID) -> str:
    """The bus channel of everybody at a school, for what concerns thousands at once."""
    return f"school:{school_id}"


def channels_of(actor: Actor) -> list[str]:
    """What an open app of this person listens to."""
    own = [channel_of(actor.user_id)] if actor.user_id else []
    return own + [school_channel(school_id) for school_id in actor.schools]


def news(kind: str, id_: UUID | str) -> bytes:
    """One frame, to be published as it is."""
    body = orjson.dumps({"data": {"news": {"kind": kind, "id": str(id_)}}})
    return b"event: next\ndata: " + body + b"\n\n"
