"""Somebody with a phone who files a request, as the app does it: draft, photos in pieces, receipt."""

import asyncio
import base64
import hashlib
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import aiohttp

from tests.bench.place import IDS
from tests.load.installation import times

PIECE: Final = 256 * 1024
PATIENCE: Final = 240.0  # seconds somebody keeps coming back
DOCUMENTS: Final = ("authorisation",)
ANSWERS: Final = {
    "requester": "PROXY", "holderName": "Lê Minh An", "holderBirthDate": "2000-05-04", "diplomaKind": "LOWER_SECONDARY",
    "graduationYear": 2015, "copies": 2, "receive": "ELECTRONIC", "contactPhone": "0912345678",
}  # fmt: skip


@dataclass
class Results:
    """Seconds of everything that was done, and what went wrong."""

    took: dict[str, list[float]] = field(default_factory=dict)
    turned_away: Counter[str] = field(default_factory=Counter)
    waits: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    filed: int = 0

    def note(self, what: str, seconds: float) -> None:
        self.took.setdefault(what, []).append(seconds * 1000)

    def report(self) -> dict[str, Any]:
        return {
            "filed": self.filed,
            "errors": len(self.errors),
            "first_error": self.errors[0][:300] if self.errors else "",
            "turned_away": dict(self.turned_away),
            "told_to_wait_seconds": times(list(map(float, self.waits))),
            "milliseconds": {what: times(values) for what, values in sorted(self.took.items())},
        }


class TurnedAway(Exception):
    """The server asks to come back in so many seconds."""


@dataclass
class Family:
    """Somebody with a phone who files one request."""

    client: aiohttp.ClientSession
    token: str
    results: Results
    address: str

    async def file(self, version: UUID, school: UUID, photo: bytes) -> None:
        """From the first tap to the receipt. Raises what the server does not forgive."""
        began = time.perf_counter()
        draft = await self._ask("StartDraft", "startDraft", procedureVersion=str(version), school=str(school))
        saved = {"id": draft["draft"]["id"], "version": 1, "answers": ANSWERS, "disputes": {}}
        draft = await self._ask("SaveDraft", "saveDraft", **saved)
        for document in DOCUMENTS:
            stored = await self._upload(photo, f"{document}.jpg")
            attached = {"draft": draft["draft"]["id"], "document": document, "upload": stored}
            draft = await self._ask("AttachFile", "attachFile", **attached)
        done = await self._ask("FileDraft", "fileDraft", id=draft["draft"]["id"], version=draft["draft"]["version"])
        if done["errors"] or not done["dossier"]:
            raise RuntimeError(json.dumps(done, ensure_ascii=False))
        self.results.filed += 1
        self.results.note("the whole filing", time.perf_counter() - began)

    async def _ask(self, operation: str, root: str, **variables: Any) -> dict[str, Any]:
        body = json.dumps({"id": IDS[operation], "variables": variables}).encode()
        return await self._until(operation, lambda: ask(self.client, body, root, self.token, self.address))

    async def _upload(self, photo: bytes, name: str) -> str:
        digest = hashlib.sha256(photo).hexdigest()
        told = ",".join(
            f"{key} {base64.b64encode(value.encode()).decode()}"
            for key, value in (("filename", name), ("sha256", digest))
        )
        headers = {"upload-length": str(len(photo)), "upload-metadata": told}
        answer = await self._until("upload: begin", lambda: self._send("POST", "/uploads", headers, b""))
        path, offset, stored = answer["location"], 0, ""
        while not stored:
            what = "upload: last piece" if offset + PIECE >= len(photo) else "upload: piece"
            answer = await self._until(what, self._next(path, photo, offset))
            offset, stored = int(answer["upload-offset"]), answer.get("upload-stored", "")
        return stored

    def _next(self, path: str, photo: bytes, offset: int) -> Any:
        """Send the piece at `offset`; when it was turned away, first ask where to go on."""
        tries = iter((offset,))

        async def attempt() -> dict[str, str]:
            at = next(tries, None)
            if at is None:
                known = await self._send("HEAD", path, {}, b"")
                if "upload-stored" in known:
                    return known
                at = int(known["upload-offset"])
            return await self._send("PATCH", path, {"upload-offset": str(at)}, photo[at : at + PIECE])

        return attempt

    async def _send(self, method: str, path: str, headers: dict[str, str], body: bytes) -> dict[str, str]:
        around = {
            "tus-resumable": "1.0.0", "x-nhipcau": "1", "content-type": "application/offset+octet-stream",
            "cookie": f"nhipcau={self.token}", "x-forwarded-for": self.address,
        }  # fmt: skip
        async with self.client.request(method, path, data=body, headers=around | headers) as answer:
            text = await answer.text()
            if method == "HEAD" and answer.status in (429, 503):  # which has no room for words
                raise TurnedAway(5)
            if answer.status >= 300:
                _refused(text, answer.status)
            return {name.lower(): value for name, value in answer.headers.items()}

    async def _until(self, what: str, attempt: Any) -> Any:
        """Try until it is done; come back when told to, as the app does."""
        end = time.perf_counter() + PATIENCE
        while True:
            began = time.perf_counter()
            try:
                answer = await attempt()
            except TurnedAway as away:
                seconds = int(str(away))
                self.results.turned_away[what] += 1
                self.results.waits.append(seconds)
                if began > end:
                    raise RuntimeError(f"{what}: never let in") from away
                await asyncio.sleep(seconds)
                continue
            except aiohttp.ClientConnectionError:  # as without a network: the app tries again
                self.results.turned_away["connection lost"] += 1
                if began > end:
                    raise
                await asyncio.sleep(1)
                continue
            self.results.note(what, time.perf_counter() - began)
            return answer


async def ask(client: aiohttp.ClientSession, body: bytes, root: str, token: str, address: str) -> Any:
    """One operation of the app. Raises TurnedAway, RuntimeError."""
    headers = {"content-type": "application/json", "x-nhipcau": "1", "x-forwarded-for": address}
    if token:
        headers["cookie"] = f"nhipcau={token}"
    async with client.post("/graphql", data=body, headers=headers) as answer:
        text = await answer.text()
    if answer.status != 200:
        _refused(text, answer.status)
    told = json.loads(text)
    if told.get("errors"):
        _refused(text, answer.status)
    value = told["data"][root]
    if isinstance(value, dict) and value.get("__typename") == "Problem":
        if value["code"] == "core.busy":
            raise TurnedAway(value["retryAfter"] or 5)
        raise RuntimeError(text)
    return value


def _refused(text: str, status: int) -> None:
    try:
        error = json.loads(text)["errors"][0]["extensions"]
    except (ValueError, KeyError, IndexError):
        error = {}
    if error.get("code") == "core.busy":
        raise TurnedAway(error["retryAfter"])
    raise RuntimeError(f"{status} {text}")
