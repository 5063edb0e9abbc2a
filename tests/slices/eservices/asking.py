"""A procedure of the tests' own, people who ask for it, files they hand in, and the documents they send."""

import copy
import hashlib
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from backend.core import clock
from backend.core.actor import SYSTEM, Actor
from backend.core.bus import MemoryBus
from backend.core.db import Database, table_of
from backend.core.ids import new_id
from backend.eservices.tables import Procedure, ProcedureKind, ProcedureVersion, VersionStatus
from backend.files.tables import FileKind, StoredFile, Upload
from backend.identity.tables import User
from tests.actors import World
from tests.client import Client

Json = dict[str, Any]


def words(text: str) -> Json:
    return {"vi": text, "en": text}


def _field(label: str, **more: Any) -> Json:
    return {"label": words(label), **more}


_DEFINITION: Json = {
    "name": {"vi": "Xin nghỉ học một thời gian", "en": "Time away from school"},
    "summary": words("x"),
    "who": words("x"),
    "how_long": words("x"),
    "fee_words": words("x"),
    "bring": [],
    "basis": words("x"),
    "keywords": [],
    "opens": None,
    "subject": "STUDENT",
    "office": "STUDENT_SCHOOL",
    "applicants": ["GUARDIAN", "STUDENT"],
    "cosign": "NONE",
    "form": {
        "schema": {
            "type": "object",
            "properties": {
                "fullName": {"type": "string", "maxLength": 100},
                "birthDate": {"type": "string", "format": "date", "maxLength": 10},
                "phone": {"type": "string", "maxLength": 20},
                "reason": {"type": "string", "enum": ["move", "other"], "maxLength": 20},
                "address": {"type": "string", "maxLength": 200},
                "detail": {"type": "string", "maxLength": 50},
            },
            "required": ["fullName", "birthDate", "reason", "address"],
            "additionalProperties": False,
        },
        "steps": [
            {"id": "child", "title": words("x"), "fields": ["fullName", "birthDate", "phone"]},
            {"id": "why", "title": words("x"), "fields": ["reason", "address", "detail"]},
        ],
        "fields": {
            "fullName": _field("Họ tên", prefill="student.fullName", locked=True),
            "birthDate": _field("Ngày sinh", prefill="student.birthDate", locked=True),
            "phone": _field("Điện thoại", prefill="account.phone"),
            "reason": _field("Lý do", options={"move": words("x"), "other": words("x")}),
            "address": _field("Nơi ở mới", show={"field": "reason", "equals": "move"}),
            "detail": _field("Nói rõ"),
        },
        "checks": [],
    },
    "documents": [
        {
            "id": "birth_certificate",
            "name": words("Giấy khai sinh"),
            "required": True,
            "accepts": ["image", "pdf"],
            "most": 2,
            "copy": "COPY",
            "checks": [{"id": "blurred", "words": words("Ảnh mờ")}],
        },
        {
            "id": "proof",
            "name": words("Giấy tờ nơi ở mới"),
            "required": False,
            "show": {"field": "reason", "equals": "move"},
            "accepts": ["pdf"],
            "most": 1,
            "copy": "COPY",
            "checks": [],
        },
    ],
    "term": [{"workingDays": 5}],
    "window": None,
    "handling": {
        "steps": [
            {"id": "check", "name": words("Kiểm tra"), "role": "ACADEMIC_CLERK"},
            {"id": "decide", "name": words("Quyết định"), "role": "HEADTEACHER"},
        ],
        "result": {"code": None, "name": words("Giấy"), "template": "answer"},
        "effect": None,
    },
    "most_fee": 0,
    "supplement_days": 10,
    "extension_days": 10,
    "reopen_days": 10,
    "rate_days": 30,
}
FULL: Json = {"reason": "move", "address": "Số 5, phố Nguyễn Du"}


def definition(**changes: Any) -> Json:
    """The definition, with these top-level parts in the place of its own."""
    return {**copy.deepcopy(_DEFINITION), **changes}


def plain(**changes: Any) -> Json:
    """One without questions about a pupil and without papers, for anybody."""
    form = {
        "schema": {
            "type": "object",
            "properties": {"question": {"type": "string", "maxLength": 200}},
            "required": ["question"],
            "additionalProperties": False,
        },
        "steps": [{"id": "all", "title": words("x"), "fields": ["question"]}],
        "fields": {"question": _field("Câu hỏi")},
        "checks": [],
    }
    about = {"subject": "PERSON", "office": "CHOSEN_SCHOOL", "applicants": ["GUARDIAN", "CITIZEN"]}
    return definition(form=form, documents=[], **about, **changes)


async def offer(database: Database, definition: Json, code: str = "TRUONG.90") -> UUID:
    """Publish a procedure; returns its version's id."""
    procedure, version = new_id(), new_id()
    async with database.write(SYSTEM) as session:
        await session.execute(
            insert(table_of(Procedure)).values(
                id=procedure, created_at=clock.now(), code=code, kind=ProcedureKind.SCHOOL, position=900
            )
        )
        session.add(
            ProcedureVersion(
                id=version,
                procedure_id=procedure,
                number=1,
                status=VersionStatus.PUBLISHED,
                definition=definition,
                published_at=clock.now(),
            )
        )
    return version


async def hand_in(database: Database, owner: Actor, kind: FileKind = FileKind.JPEG, name: str = "giay.jpg") -> UUID:
    """A stored file of somebody's, as a finished upload leaves it."""
    row = StoredFile(
        owner_id=owner.user_id, name=name, kind=kind, size=1000, sha256=hashlib.sha256(b"x").digest(), key=str(new_id())
    )
    async with database.write(SYSTEM) as session:
        session.add(row)
        await session.flush()
        session.add(upload_of(row))
    return row.id


def upload_of(file: StoredFile) -> Upload:
    """The finished upload that a file came with."""
    assert file.owner_id is not None
    return Upload(
        user_id=file.owner_id,
        name=file.name,
        size=file.size,
        sha256=file.sha256,
        received=file.size,
        expires_at=clock.now(),
        stored_file_id=file.id,
    )


async def citizen(database: Database, number: int) -> Actor:
    """Somebody with a phone and no role."""
    row = User(full_name=f"Công Dân {number}", sort_key=f"{number:03d}", phone=f"+84987{number:06d}")
    async with database.write(SYSTEM) as session:
        session.add(row)
    return Actor(user_id=row.id, full_name=row.full_name)


_DRAFT = "id version answers disputes school { id } student { id } applicantName applicantPhone channel mine signedAt"
_PROBLEM = "... on Problem { __typename code message fields { path } }"
START = f"""
mutation($v: UUID!, $school: UUID, $student: UUID, $applicant: ApplicantInput) {{
  startDraft(procedureVersion: $v, school: $school, student: $student, applicant: $applicant) {{
    ... on DraftPayload {{ draft {{ {_DRAFT} }} }} {_PROBLEM} }} }}"""
SAVE = f"""
mutation($id: UUID!, $version: Int!, $answers: JSON!, $disputes: JSON!, $school: UUID, $student: UUID) {{
  saveDraft(id: $id, version: $version, answers: $answers, disputes: $disputes, school: $school, student: $student) {{
    ... on DraftPayload {{ draft {{ {_DRAFT} }} }} {_PROBLEM} }} }}"""
ATTACH = f"""
mutation($draft: UUID!, $paper: String!, $upload: UUID!) {{
  attachFile(draft: $draft, document: $paper, upload: $upload) {{
    ... on AttachFilePayload {{ file {{ id document name size }} draft {{ id version signedAt }} }} {_PROBLEM} }} }}"""
DETACH = f"""
mutation($id: UUID!) {{ detachFile(id: $id) {{ ... on DetachFilePayload {{ id draft {{ version }} }} {_PROBLEM} }} }}"""
FILE = f"""
mutation($id: UUID!, $version: Int!) {{ fileDraft(id: $id, version: $version) {{
    ... on FileDraftPayload {{
      dossier {{ id code status dueOn version answers channel files {{ id document }}
        entries {{ position action status }} }}
      errors {{ path code message }} }} {_PROBLEM} }} }}"""
DRAFT = f"query($id: UUID!) {{ draft(id: $id) {{ {_DRAFT} files {{ id document }} }} }}"


def another(client: Client) -> Client:
    """A further client beside this one: a client speaks for one person at a time."""
    services = client.services
    return Client(services.database, MemoryBus(), services.jobs)


async def start(client: Client, actor: Actor, version: UUID, **given: Any) -> Json:
    """A draft just begun."""
    return (await client(actor, START, v=version, **given))["startDraft"]["draft"]


async def save(client: Client, actor: Actor, draft: Json, answers: Json, **given: Any) -> Json:
    """The draft with these answers."""
    given = {"disputes": {}, **given}
    answer = await client(actor, SAVE, id=draft["id"], version=draft["version"], answers=answers, **given)
    return answer["saveDraft"]["draft"]


async def attach(client: Client, database: Database, actor: Actor, draft: Json, document: str) -> Json:
    upload = await hand_in(database, actor)
    answer = await client(actor, ATTACH, draft=draft["id"], paper=document, upload=upload)
    return answer["attachFile"]["file"]


async def file(client: Client, actor: Actor, draft: Json) -> Json:
    """What filing answers: the dossier and the errors."""
    return (await client(actor, FILE, id=draft["id"], version=draft["version"]))["fileDraft"]


async def filed(client: Client, database: Database, world: World, version: UUID, who: str = "mother") -> Json:
    """A dossier of the tests' own procedure about Lan."""
    actor = world.actor(who)
    draft = await start(client, actor, version, student=world["lan"])
    await attach(client, database, actor, draft, "birth_certificate")
    draft = await save(client, actor, draft, FULL)
    answer = await file(client, actor, draft)
    assert answer["errors"] == []
    return answer["dossier"]
