"""Results as PDF, issued as the office issues them.

One a school: the answer that waits to be rated, else the newest. Those of all finished dossiers, a twentieth of a
second of processor time each, would nearly double the time in which the province is made.
"""

from uuid import UUID

from backend.core.actor import Actor
from backend.core.db import Session
from backend.eservices.actions import papers
from backend.eservices.queries.dossiers import dossier_for_update
from backend.eservices.tables import PaperKind
from backend.seed.services import Answered
from backend.seed.stage import Stage


async def issue(stage: Stage, answered: list[Answered]) -> None:
    """The result of one dossier of every school, at the moment of its decision."""
    shown: dict[UUID, Answered] = {}
    for each in sorted(answered, key=lambda one: (not one.returned, one.at)):
        shown[each.school.id] = each
    for each in shown.values():
        await stage.act(each.at, each.school.headteacher, _result, each.dossier)


async def _result(session: Session, actor: Actor, dossier: UUID) -> None:
    await papers.issue(session, actor, await dossier_for_update(session, dossier), PaperKind.RESULT)
