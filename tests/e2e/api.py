"""Somebody who uses the running product without a screen: its GraphQL, over HTTP, with a cookie."""

from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import aiohttp

from backend.seed.accounts import PASSWORD
from tests.e2e.app import App

PASSWORD_SIGN_IN = """mutation($username: String!, $password: String!) {
  signInWithPassword(username: $username, password: $password) { __typename ... on Problem { code } } }"""
ASK_CODE = """mutation($phone: String!) { requestSignInCode(phone: $phone) {
  __typename ... on SignInCodePayload { challenge } ... on Problem { code } } }"""
CODE_SIGN_IN = """mutation($challenge: UUID!, $code: String!) { signInWithCode(challenge: $challenge, code: $code) {
  __typename ... on Problem { code } } }"""
ASSIGNMENTS = "{ teachingAssignments { classGroup { id name } subject { id code } } }"
COLUMNS = """query($class: UUID!, $subject: UUID!) {
  first: scoreColumns(classGroup: $class, subject: $subject, semester: SEM1) { ...State }
  second: scoreColumns(classGroup: $class, subject: $subject, semester: SEM2) { ...State } }
  fragment State on ScoreColumn { id semester publishedAt }"""
ROWS = """query($class: UUID!, $subject: UUID!, $semester: Semester!) {
  sheetRows(classGroup: $class, subject: $subject) {
    student { id } scores(subject: $subject, semester: $semester) { columnId } } }"""
ENTER = """mutation($column: UUID!, $rows: [ScoreInput!]!) { enterScores(column: $column, rows: $rows) {
  __typename ... on EnterScoresPayload { refused { student } } ... on Problem { code } } }"""
VERSION = "query($column: UUID!) { scoreColumn(id: $column) { version } }"
PUBLISH = """mutation($column: UUID!, $version: Int!) { publishScores(column: $column, version: $version) {
  __typename ... on Problem { code } } }"""
SCHOOLS = "{ schools { id } }"
ANNOUNCE = """mutation($input: AnnouncementInput!, $key: UUID!) { sendAnnouncement(input: $input, key: $key) {
  __typename ... on Problem { code } } }"""


class Api:
    """Use as `async with Api(app) as someone`. A refusal fails the test."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __aenter__(self) -> Self:
        self._client = aiohttp.ClientSession(self._app.origin, headers={"X-Nhipcau": "1"})
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    async def __call__(self, document: str, **variables: Any) -> dict[str, Any]:
        """The data of one operation."""
        async with self._client.post("/graphql", json={"query": document, "variables": variables}) as answer:
            told = await answer.json()
        assert "errors" not in told, told
        for value in told["data"].values():
            assert not (isinstance(value, dict) and value.get("__typename") == "Problem"), told
        return told["data"]

    async def sign_in(self, who: str) -> None:
        """With a phone number or a user name."""
        if not who.startswith("+"):
            await self(PASSWORD_SIGN_IN, username=who, password=PASSWORD)
            return
        self._app.mark()
        asked = await self(ASK_CODE, phone=who)
        code = await self._app.code()
        await self(CODE_SIGN_IN, challenge=asked["requestSignInCode"]["challenge"], code=code)

    async def publish_marks(self) -> None:
        """Complete the column that waits in Toán of 7A1, and publish it."""
        lessons = (await self(ASSIGNMENTS))["teachingAssignments"]
        taught = next(one for one in lessons if (one["classGroup"]["name"], one["subject"]["code"]) == ("7A1", "toan"))
        place = {"class": taught["classGroup"]["id"], "subject": taught["subject"]["id"]}
        found = await self(COLUMNS, **place)
        column = next(one for one in found["first"] + found["second"] if one["publishedAt"] is None)
        lines = (await self(ROWS, semester=column["semester"], **place))["sheetRows"]
        missing = [
            {"student": line["student"]["id"], "mark": "7.5"}
            for line in lines
            if column["id"] not in [score["columnId"] for score in line["scores"]]
        ]
        if missing:
            entered = await self(ENTER, column=column["id"], rows=missing)
            assert entered["enterScores"]["refused"] == []
        version = (await self(VERSION, column=column["id"]))["scoreColumn"]["version"]
        await self(PUBLISH, column=column["id"], version=version)

    async def announce(self, title: str, body: str) -> None:
        """Tell all families of one's school, and ask for the acknowledgement."""
        [school] = (await self(SCHOOLS))["schools"]
        audience = {"school": school["id"], "kinds": ["FAMILIES"]}
        message = {"title": title, "body": body, "audience": audience, "needsAcknowledgement": True}
        await self(ANNOUNCE, input=message, key=str(uuid4()))
