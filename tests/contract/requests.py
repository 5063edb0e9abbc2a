"""Rows of e-services that the authorization table and the reads need: requests of Lan's mother in several states."""

import hashlib
from datetime import timedelta
from typing import Any

from backend.core import clock
from backend.core.db import Row
from backend.core.ids import new_id
from backend.eservices.rules.states import DossierStatus
from backend.eservices.shipped import procedure_id, version_id
from backend.eservices.tables import (
    Channel,
    Dossier,
    DossierEntry,
    DossierFile,
    Draft,
    EntryAction,
    Supplement,
    SupplementItem,
)
from backend.files.tables import FileKind, StoredFile
from tests.actors import World
from tests.slices.eservices.asking import upload_of

CODE = "TRUONG.04"
DIGITS = "4321"


def requests(world: World) -> list[Row]:
    """A draft with a file, one that waits for the father's signature, and dossiers: new, waiting, done."""
    stored = StoredFile(
        owner_id=world["mother"],
        name="khai-sinh.jpg",
        kind=FileKind.JPEG,
        size=10,
        sha256=hashlib.sha256(b"x").digest(),
        key=str(new_id()),
    )
    writing, signing = _draft(world), _draft(world, cosigner_id=world["father"], signature_asked_at=clock.now())
    attached = DossierFile(
        readers=[world["mother"]],
        draft_id=writing.id,
        document="birth_certificate",
        stored_file_id=stored.id,
        name=stored.name,
        kind="JPEG",
        size=10,
    )
    rows: list[Row] = [stored, upload_of(stored), writing, signing, attached]
    for number, (name, status) in enumerate(
        (
            ("dossier", DossierStatus.SUBMITTED),
            ("waiting_dossier", DossierStatus.SUPPLEMENT_REQUESTED),
            ("done_dossier", DossierStatus.COMPLETED),
        ),
        1,
    ):
        dossier = _dossier(world, number, status)
        world.ids[name] = dossier.id
        rows += [dossier, _filed(world, dossier)]
    rows += _supplement(world)
    world.ids.update(stored_file=stored.id, request=writing.id, signing=signing.id, request_file=attached.id)
    return rows


def _draft(world: World, **more: Any) -> Draft:
    return Draft(
        owner_id=world["mother"],
        procedure_version_id=version_id(CODE),
        school_id=world["school"],
        student_id=world["lan"],
        applicant_name="Trần Thị Hoa",
        changed_at=clock.now(),
        **more,
    )


def _dossier(world: World, number: int, status: DossierStatus) -> Dossier:
    done = status is DossierStatus.COMPLETED
    return Dossier(
        school_id=world["school"],
        procedure_id=procedure_id(CODE),
        procedure_version_id=version_id(CODE),
        code=f"24010001-260101-{number:04d}",
        channel=Channel.ONLINE,
        owner_id=world["mother"],
        readers=[world["mother"]],
        filed_by=world["mother"],
        applicant_name="Trần Thị Hoa",
        applicant_phone=f"+8491200{DIGITS}",
        student_id=world["lan"],
        answers={"rightFullName": "Nguyễn Thị Ngọc Lan"},
        status=status,
        filed_at=clock.now() - timedelta(days=1),
        received_at=clock.now() - timedelta(days=1),
        due_on=clock.today() + timedelta(days=5) if status is DossierStatus.SUBMITTED else None,
        finished_at=clock.now() if done else None,
        on_time=True if done else None,
    )


def _filed(world: World, dossier: Dossier) -> DossierEntry:
    return DossierEntry(
        school_id=dossier.school_id,
        readers=dossier.readers,
        dossier_id=dossier.id,
        position=1,
        action=EntryAction.FILED,
        status=DossierStatus.SUBMITTED,
        actor_id=world["mother"],
    )


def _supplement(world: World) -> list[Row]:
    shared: dict[str, Any] = {"school_id": world["school"], "readers": [world["mother"]]}
    asked = Supplement(
        **shared,
        dossier_id=world["waiting_dossier"],
        round=1,
        asked_by=world["clerk"],
        answer_by=clock.today() + timedelta(days=10),
    )
    item = SupplementItem(
        **shared, supplement_id=asked.id, position=1, target="document:birth_certificate", defect="OTHER"
    )
    return [asked, item]
