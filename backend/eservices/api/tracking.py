"""GraphQL of tracking: where a dossier is, by its code, for people without an account."""

from datetime import date, datetime

import strawberry

from backend.core import clock
from backend.core.actor import SYSTEM, Permission
from backend.core.graphql import Info, query
from backend.core.limits import Rate
from backend.eservices import tables
from backend.eservices.actions import following
from backend.eservices.api.dossiers import LocalName
from backend.eservices.queries import dossiers as dossier_queries
from backend.eservices.rules.states import DossierStatus

# A school's Wi-Fi or a carrier's gateway is one address for many families; wrong tries are counted by code.
TRACK_PER_ADDRESS = Rate(120, 60)
TRACK_PER_CODE = Rate(5, 900, closed=True)


@strawberry.type
class TrackedEntry:
    """One public line of the history: no names, no notes."""

    action: tables.EntryAction
    status: DossierStatus
    at: datetime
    office: str
    due_on: date | None


@strawberry.type
class TrackedDossier:
    code: str
    procedure_name: LocalName
    office: str
    status: DossierStatus
    filed_at: datetime
    due_on: date | None
    overdue: bool
    entries: list[TrackedEntry]


@strawberry.type
class TrackingQuery:
    @query(Permission.PUBLIC)
    async def track_dossier(self, info: Info, code: str, phone_digits: str) -> TrackedDossier | None:
        """Where a dossier is, for who holds its code and knows the last four digits of the applicant's phone.

        Null alike for a code that does not exist and for wrong digits; wrong tries are counted by code.
        """
        context = info.context
        await context.limit("track.address", context.client, TRACK_PER_ADDRESS)
        typed = following.typed_code(code)
        await context.limit("track.code", typed, TRACK_PER_CODE)
        async with context.database.write(SYSTEM) as session:
            found = await dossier_queries.tracked(session, typed, phone_digits)
        if found is None:
            return None
        await context.forgive("track.code", typed, TRACK_PER_CODE)
        return _tracked(found)


def _tracked(found: dossier_queries.Tracked) -> TrackedDossier:
    return TrackedDossier(
        code=found.code,
        procedure_name=LocalName(vi=found.name_vi, en=found.name_en),
        office=found.office,
        status=found.status,
        filed_at=found.filed_at,
        due_on=found.due_on,
        overdue=found.due_on is not None and found.due_on < clock.today(),
        entries=[
            TrackedEntry(action=each.action, status=each.status, at=each.at, office=found.office, due_on=each.due_on)
            for each in found.entries
        ],
    )
