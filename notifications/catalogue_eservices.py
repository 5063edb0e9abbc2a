"""What the events of e-services become: part of `catalogue.py`.

Families read the procedure and the child's given name; staff the dossier's code. No answers and no reasons leave the
journal: what is missing or why something was refused is read in the app.
"""

from collections.abc import Mapping
from typing import Final

from notifications.entry import DAY, Entry
from notifications.tables import Lane

_DOSSIER: Final = ("dossier_id", "code", "procedure_name", "procedure_name_en", "child")
_OF_STAFF: Final = ("dossier_id", "code", "procedure_name", "procedure_name_en")
_DRAFT: Final = ("draft_id", "procedure_name", "procedure_name_en", "child")
_TRANSFER: Final = ("transfer_id", "child", "school_name", "from_school_name")
_FOLLOW: Final = "/services/dossiers/{dossier_id}"
_DESK: Final = "/desk/{dossier_id}"
_ONE: Final = "dossier:{dossier_id}"

E_SERVICES: Final[Mapping[str, Entry]] = {
    "eservices.dossier_filed": Entry(
        kind="dossier_filed", lane=Lane.NORMAL, ttl=2 * DAY, link=_DESK, collapse=_ONE, params=_OF_STAFF
    ),
    "eservices.dossier_moved": Entry(
        kind="dossier_moved",
        lane=Lane.NORMAL,
        ttl=7 * DAY,
        link=_FOLLOW,
        collapse=_ONE,
        params=(*_DOSSIER, "status"),
    ),
    "eservices.dossier_extended": Entry(
        kind="dossier_extended",
        lane=Lane.NORMAL,
        ttl=7 * DAY,
        link=_FOLLOW,
        collapse=_ONE,
        params=(*_DOSSIER, "due_on"),
    ),
    "eservices.result_revoked": Entry(
        kind="result_revoked", lane=Lane.NORMAL, ttl=7 * DAY, link=_FOLLOW, collapse=_ONE, params=_DOSSIER
    ),
    "eservices.dossier_answered": Entry(
        kind="dossier_answered",
        lane=Lane.NORMAL,
        ttl=2 * DAY,
        link=_DESK,
        collapse=_ONE,
        params=(*_OF_STAFF, "action"),
    ),
    "eservices.supplement_requested": Entry(
        kind="supplement_requested",
        lane=Lane.NORMAL,
        ttl=14 * DAY,
        link=_FOLLOW,
        collapse=_ONE,
        params=(*_DOSSIER, "items", "answer_by"),
    ),
    "eservices.dossier_handed_over": Entry(
        kind="dossier_handed_over", lane=Lane.NORMAL, ttl=2 * DAY, link=_DESK, collapse=_ONE, params=_OF_STAFF
    ),
    "eservices.deadline_near": Entry(
        kind="deadline_near",
        lane=Lane.NORMAL,
        ttl=DAY,
        link=_DESK,
        collapse=_ONE,
        params=(*_OF_STAFF, "due_on"),
    ),
    "eservices.deadline_passed": Entry(
        kind="deadline_passed",
        lane=Lane.NORMAL,
        ttl=2 * DAY,
        link=_DESK,
        collapse=_ONE,
        params=(*_OF_STAFF, "due_on"),
    ),
    "eservices.deadline_escalated": Entry(
        kind="deadline_escalated",
        lane=Lane.NORMAL,
        ttl=2 * DAY,
        link="/desk/board",
        collapse=_ONE,
        params=(*_OF_STAFF, "due_on"),
    ),
    "eservices.correction_applied": Entry(
        kind="correction_applied",
        lane=Lane.NORMAL,
        ttl=7 * DAY,
        link="/students/{student_id}",
        collapse="",
        per_child=True,
    ),
    "eservices.signature_asked": Entry(
        kind="signature_asked",
        lane=Lane.NORMAL,
        ttl=7 * DAY,
        link="/services/drafts/{draft_id}",
        collapse="draft:{draft_id}",
        params=_DRAFT,
    ),
    "eservices.draft_signed": Entry(
        kind="draft_signed",
        lane=Lane.NORMAL,
        ttl=7 * DAY,
        link="/services/drafts/{draft_id}",
        collapse="draft:{draft_id}",
        params=_DRAFT,
    ),
    "eservices.transfer_proposed": Entry(
        kind="transfer_proposed",
        lane=Lane.NORMAL,
        ttl=7 * DAY,
        link="/services/transfers",
        collapse="transfer:{transfer_id}",
        params=_TRANSFER,
    ),
    "eservices.transfer_answered": Entry(
        kind="transfer_answered",
        lane=Lane.NORMAL,
        ttl=2 * DAY,
        link="/desk/transfer",
        collapse="transfer:{transfer_id}",
        params=(*_TRANSFER, "consent"),
    ),
    "eservices.transfer_done": Entry(
        kind="transfer_done",
        lane=Lane.NORMAL,
        ttl=7 * DAY,
        link="/services/transfers",
        collapse="transfer:{transfer_id}",
        params=_TRANSFER,
    ),
    "eservices.transfer_closed": Entry(
        kind="transfer_closed",
        lane=Lane.NORMAL,
        ttl=2 * DAY,
        link="/desk/transfer",
        collapse="transfer:{transfer_id}",
        params=_TRANSFER,
    ),
}
