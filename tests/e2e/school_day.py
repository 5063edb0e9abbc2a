"""What a homeroom teacher does on a school day without a screen: the register, alerts, leave."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from tests.e2e.api import Api

TASKS = "query($day: Date!) { registerTasks(day: $day) { classGroup { id name } session period } }"
ROWS = "query($class: UUID!) { registerRows(classGroup: $class) { student { id givenName } } }"
TAKE = """mutation($class: UUID!, $day: Date!, $session: HalfDay!, $now: DateTime!, $operations: [OperationInput!]!) {
  takeRegister(classGroup: $class, day: $day, session: $session, deviceTime: $now, operations: $operations) {
    __typename ... on TakeRegisterPayload { refused { id } } ... on Problem { code } } }"""
ALERTS = "{ absenceAlerts { id status answer student { givenName } } }"
ACKNOWLEDGE = "mutation($id: UUID!) { acknowledgeSafety(alert: $id) { __typename ... on Problem { code } } }"
CLOSE = """mutation($id: UUID!, $outcome: AlertOutcome!) { closeAlert(alert: $id, outcome: $outcome) {
  __typename ... on Problem { code } } }"""
WAITING = "{ leaveToDecide { id version detail photos { id } } }"
DECIDE = """mutation($id: UUID!, $version: Int!) { decideLeave(request: $id, version: $version, approve: true) {
  __typename ... on Problem { code } } }"""


class SchoolDay:
    """The homeroom teacher of 7A1, signed in."""

    def __init__(self, teacher: Api, today: date) -> None:
        self._teacher = teacher
        self._today = today.isoformat()

    async def record(self, given_name: str, status: str) -> None:
        """This morning everybody is here; of one pupil something else is said, and it counts over what was said."""
        tasks = (await self._teacher(TASKS, day=self._today))["registerTasks"]
        place = next(one for one in tasks if (one["classGroup"]["name"], one["session"]) == ("7A1", "MORNING"))
        rows = (await self._teacher(ROWS, **{"class": place["classGroup"]["id"]}))["registerRows"]
        now = datetime.now(UTC).isoformat()
        operations = [_operation(row["student"], given_name, status, now) for row in rows]
        where = {"class": place["classGroup"]["id"], "day": self._today, "session": "MORNING", "now": now}
        taken = await self._teacher(TAKE, operations=operations, **where)
        assert taken["takeRegister"]["refused"] == []

    async def alerts(self) -> list[tuple[str, str, str | None]]:
        """Whose absence is open today, how it stands and what the family has answered."""
        found = (await self._teacher(ALERTS))["absenceAlerts"]
        return [(one["student"]["givenName"], one["status"], one["answer"]) for one in found]

    async def live_alert(self) -> str:
        """The one that is not over."""
        found = (await self._teacher(ALERTS))["absenceAlerts"]
        return next(one["id"] for one in found if one["status"] not in ("CANCELLED", "CLOSED"))

    async def acknowledge(self, alert: str) -> None:
        await self._done("acknowledgeSafety", ACKNOWLEDGE, id=alert)

    async def close(self, alert: str, outcome: str) -> None:
        await self._done("closeAlert", CLOSE, id=alert, outcome=outcome)

    async def leave_to_decide(self) -> list[dict[str, Any]]:
        return (await self._teacher(WAITING))["leaveToDecide"]

    async def approve(self, request: dict[str, Any]) -> None:
        await self._done("decideLeave", DECIDE, id=request["id"], version=request["version"])

    async def _done(self, name: str, document: str, **variables: Any) -> None:
        """A change that must not be refused."""
        answer = (await self._teacher(document, **variables))[name]
        assert answer["__typename"] != "Problem", answer


def _operation(student: dict[str, str], given_name: str, status: str, now: str) -> dict[str, Any]:
    meant = student["givenName"] == given_name
    what = {"status": status if meant else "PRESENT", "explicit": meant, "decidedAt": now}
    return {"id": str(uuid4()), "student": student["id"], **what}
