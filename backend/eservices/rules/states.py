"""States of a dossier and the moves between them (domain.md §4.5, codes of the one-stop systems). Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from backend.core.problem import Invalid


class DossierStatus(StrEnum):
    SUBMITTED = "SUBMITTED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    PROCESSING = "PROCESSING"
    SUPPLEMENT_REQUESTED = "SUPPLEMENT_REQUESTED"
    PAYMENT_REQUIRED = "PAYMENT_REQUIRED"
    WITHDRAWN = "WITHDRAWN"
    STOPPED = "STOPPED"
    COMPLETED = "COMPLETED"
    RETURNED = "RETURNED"


_S = DossierStatus
MOVES: Final[Mapping[DossierStatus, frozenset[DossierStatus]]] = {
    _S.SUBMITTED: frozenset({_S.ACCEPTED, _S.REJECTED, _S.SUPPLEMENT_REQUESTED, _S.WITHDRAWN}),
    _S.SUPPLEMENT_REQUESTED: frozenset({_S.SUBMITTED, _S.STOPPED}),
    _S.ACCEPTED: frozenset({_S.PROCESSING}),
    _S.PROCESSING: frozenset({_S.SUPPLEMENT_REQUESTED, _S.PAYMENT_REQUIRED, _S.STOPPED, _S.COMPLETED, _S.WITHDRAWN}),
    _S.PAYMENT_REQUIRED: frozenset({_S.PROCESSING}),
    _S.COMPLETED: frozenset({_S.RETURNED}),
    _S.REJECTED: frozenset(),
    _S.WITHDRAWN: frozenset(),
    _S.STOPPED: frozenset(),
    _S.RETURNED: frozenset(),
}
# The numbers under which one-stop systems and reports know the states.
CODES: Final[Mapping[DossierStatus, int]] = {status: number for number, status in enumerate(_S, 1)} | {
    _S.SUBMITTED: 1, _S.ACCEPTED: 2, _S.REJECTED: 3, _S.PROCESSING: 4, _S.SUPPLEMENT_REQUESTED: 5,
    _S.PAYMENT_REQUIRED: 6, _S.WITHDRAWN: 7, _S.STOPPED: 8, _S.COMPLETED: 9, _S.RETURNED: 10,
}  # fmt: skip
RUNNING: Final = frozenset({_S.SUBMITTED, _S.ACCEPTED, _S.PROCESSING})
"""The office has it: the clock runs."""
WAITING: Final = frozenset({_S.SUPPLEMENT_REQUESTED, _S.PAYMENT_REQUIRED})
"""The citizen has it: the clock stands."""
OPEN: Final = RUNNING | WAITING
NEEDS_REASON: Final = frozenset({_S.REJECTED, _S.STOPPED})
"""Moves that the law wants explained (forms 03 and 05)."""


def check_move(before: DossierStatus, after: DossierStatus, note: str) -> None:
    """Raises Invalid: eservices.wrong_state when there is no such move, eservices.reason_missing without a reason."""
    if after not in MOVES[before]:
        raise Invalid("eservices.wrong_state")
    if after in NEEDS_REASON and not note.strip():
        raise Invalid("eservices.reason_missing", field="reason")
