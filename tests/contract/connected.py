"""Rows of e-services that reach beyond one school: a transfer with its code, a paper, a diploma, a record that came."""

import hashlib
from datetime import date, timedelta

from backend.core import clock
from backend.core.db import Row
from backend.core.ids import new_id
from backend.eservices.actions.transfers import code_hash
from backend.eservices.tables import Paper, PaperKind, Transfer, TransferCode, TransferStatus
from backend.files.tables import FileKind, StoredFile
from backend.records.tables import Diploma, DiplomaCorrection, DiplomaKind, TransferredRecord
from tests.actors import World

CODE = "AAAABBBBCCCC"
VERIFY_CODE = "DDDDEEEEFFFFGGGG"


def connected(world: World) -> list[Row]:
    """After `requests`: the paper is one of its dossiers'."""
    transfer = Transfer(
        school_id=world["other_school"],
        from_school_id=world["school"],
        readers=[world["mother"], world["father"]],
        student_id=world["lan"],
        status=TransferStatus.PROPOSED,
        moves={"studentName": "Nguyễn Thị Ngọc Lan"},
        proposed_by=world["other_clerk"],
    )
    shown = TransferCode(
        user_id=world["mother"],
        student_id=world["dung"],
        code_hash=code_hash(CODE),
        expires_at=clock.now() + timedelta(minutes=15),
    )
    content = StoredFile(
        name="ket-qua.pdf", kind=FileKind.PDF, size=10, sha256=hashlib.sha256(b"paper").digest(), key=str(new_id())
    )
    paper = Paper(
        school_id=world["school"],
        readers=[world["mother"]],
        dossier_id=world["done_dossier"],
        kind=PaperKind.RESULT,
        title="Xác nhận đã sửa thông tin học sinh",
        holder="Nguyễn Thị Ngọc Lan",
        stored_file_id=content.id,
        sha256=content.sha256,
        size=10,
        verify_code=VERIFY_CODE,
    )
    world.ids["transfer"] = transfer.id
    return [transfer, shown, content, paper, *_records(world)]


def _records(world: World) -> list[Row]:
    diploma = Diploma(
        school_id=world["school"],
        kind=DiplomaKind.LOWER_SECONDARY,
        serial_number="B 1234567",
        register_number="215/2004",
        full_name="Trần Thị Hoa",
        sort_key="hoa",
        search_key="tran thi hoa",
        birth_date=date(1989, 3, 4),
        graduation_year=2004,
        issued_on=date(2004, 7, 1),
    )
    correction = DiplomaCorrection(
        school_id=world["school"],
        diploma_id=diploma.id,
        field="ethnicity",
        old="",
        new="Kinh",
        reason="",
        decision_number="1/QĐ",
        decided_on=date(2026, 1, 5),
        decided_by=world["headteacher"],
    )
    record = TransferredRecord(
        school_id=world["school"],
        student_id=world["lan"],
        from_school_id=world["other_school"],
        from_student_id=world["khac"],
        content={"classes": []},
        sha256=hashlib.sha256(b"record").digest(),
    )
    return [diploma, correction, record]
