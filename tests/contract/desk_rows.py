"""Dossiers on the desk of the world's school, for the authorization table: taken on, begun, to be decided, unpaid."""

from datetime import timedelta

from backend.core import clock
from backend.core.db import Row
from backend.eservices.rules.states import DossierStatus
from backend.eservices.shipped import definition, procedure_id
from backend.eservices.tables import Channel, Dossier, ProcedureVersion, VersionStatus
from tests.actors import World

CODE = "2.002855"
_STATES = {
    "accepted_dossier": (DossierStatus.ACCEPTED, ""),
    "running_dossier": (DossierStatus.PROCESSING, "check"),
    "last_dossier": (DossierStatus.PROCESSING, "decide"),
    "unpaid_dossier": (DossierStatus.PAYMENT_REQUIRED, "check"),
}


def desk_rows(world: World) -> list[Row]:
    """Asked for by Minh's mother, when the procedure still had a fee."""
    paid = ProcedureVersion(
        procedure_id=procedure_id(CODE),
        number=9,
        status=VersionStatus.RETIRED,
        definition={**definition(CODE), "most_fee": 50_000},
    )
    rows: list[Row] = [paid]
    for number, (name, (status, step)) in enumerate(_STATES.items(), 10):
        row = Dossier(
            school_id=world["school"],
            procedure_id=procedure_id(CODE),
            procedure_version_id=paid.id,
            code=f"24010001-260101-{number:04d}",
            channel=Channel.ONLINE,
            owner_id=world["other_mother"],
            readers=[world["other_mother"]],
            filed_by=world["other_mother"],
            applicant_name="Lê Thị Mai",
            applicant_phone="+84912000005",
            student_id=world["minh"],
            answers={},
            status=status,
            step=step,
            filed_at=clock.now() - timedelta(days=1),
            received_at=clock.now() - timedelta(days=1),
            due_on=None if status is DossierStatus.PAYMENT_REQUIRED else clock.today() + timedelta(days=5),
            days_left=3 if status is DossierStatus.PAYMENT_REQUIRED else None,
        )
        world.ids[name] = row.id
        rows.append(row)
    return rows
