"""Firebase Cloud Messaging, for app wrappers that cannot use Web Push. Loaded only where it is configured."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

import firebase_admin
from firebase_admin import credentials, exceptions, messaging
from google.auth.transport.requests import Request

from backend.core import clock
from notifications.channels import Envelope
from notifications.rules import Outcome, Verdict, parse_retry_after

BATCH: Final = 100  # messages in flight at once; the library takes at most 500
TIMEOUT_SECONDS: Final = 10


class Fcm:
    """Sends through one Firebase project. Belongs to the event loop of its first send."""

    def __init__(self, account: Path, url: str | None = None) -> None:
        if url is not None:
            # The library has no setting for its address; the class constant is read when a client is made.
            setattr(messaging._MessagingService, "FCM_URL", url)  # noqa: B010
        certificate = credentials.Certificate(str(account))
        self._credential = certificate.get_credential()
        self._app = firebase_admin.initialize_app(
            certificate, {"httpTimeout": TIMEOUT_SECONDS}, name=f"nhipcau-{uuid4()}"
        )

    async def send(self, batch: Sequence[Envelope], until: float) -> list[Outcome]:
        """All of the batch, a hundred at a time."""
        outcomes: list[Outcome] = []
        for start in range(0, len(batch), BATCH):
            part = batch[start : start + BATCH]
            if asyncio.get_running_loop().time() >= until:
                outcomes += [Outcome(Verdict.NOT_TRIED)] * len(part)
                continue
            outcomes += await self._send(part)
        return outcomes

    async def close(self) -> None:
        # The library ends its client in a loop of its own, which it may not start within ours.
        await asyncio.to_thread(firebase_admin.delete_app, self._app)

    async def _send(self, batch: Sequence[Envelope]) -> list[Outcome]:
        try:
            if not self._credential.valid:
                # Left to itself the library fetches its token with a call that stops the whole event loop.
                await asyncio.to_thread(self._credential.refresh, Request())
            answer = await messaging.send_each_async([_message(envelope) for envelope in batch], app=self._app)
        except Exception as error:  # the library raises here for faults of its own (credentials, closed client)
            return [Outcome(Verdict.BUSY, type(error).__name__)] * len(batch)
        return [
            Outcome(Verdict.TAKEN) if response.exception is None else _outcome(response.exception)
            for response in answer.responses
        ]


def _message(envelope: Envelope) -> messaging.Message:
    return messaging.Message(
        fid=envelope.address,
        notification=messaging.Notification(title=envelope.title, body=envelope.body),
        data={
            "notification": str(envelope.notification_id),
            "navigate": envelope.link,
            "lang": envelope.language,
            **envelope.data,
            **({"actions": _actions(envelope)} if envelope.actions else {}),
        },
        android=messaging.AndroidConfig(
            priority="high" if envelope.urgent else "normal",
            ttl=timedelta(seconds=envelope.ttl),
            collapse_key=envelope.tag,
            notification=messaging.AndroidNotification(tag=envelope.tag),
        ),
        apns=messaging.APNSConfig(headers={"apns-collapse-id": envelope.tag}),
    )


def _actions(envelope: Envelope) -> str:
    """JSON in a text, because FCM's data are texts."""
    return json.dumps([asdict(action) for action in envelope.actions], ensure_ascii=False)


def _outcome(error: exceptions.FirebaseError) -> Outcome:
    """What Firebase's error codes mean for us."""
    reason = type(error).__name__
    if isinstance(error, messaging.UnregisteredError):
        return Outcome(Verdict.GONE, "unregistered")
    if isinstance(error, messaging.SenderIdMismatchError):
        return Outcome(Verdict.GONE, "other_sender")
    if isinstance(error, exceptions.InvalidArgumentError):
        return Outcome(Verdict.REFUSED, reason)
    response = error.http_response
    header = response.headers.get("Retry-After") if response is not None else None
    return Outcome(Verdict.BUSY, reason, parse_retry_after(header, clock.now()))
