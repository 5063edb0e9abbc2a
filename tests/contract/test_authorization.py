"""Who may do what: every operation by every actor, and proof that a refusal changed nothing.

`ALLOWED` names for each root field the actors who get an answer about the world's own rows; everybody else must be
refused, or see nothing. A new root field fails `test_every_root_field_is_in_the_table` until it is decided here.
"""

import hashlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import pytest

from backend.core.bus import MemoryBus
from backend.core.db import Database
from backend.core.graphql.fields import root_permissions
from backend.schema import schema
from tests.actors import ACTORS, World, make_world
from tests.client import Answer, Client

FAMILY = {"mother", "father", "pupil", "other_mother"}
SCHOOL = {"math_teacher", "literature_teacher", "homeroom_teacher", "headteacher", "clerk"}
NEIGHBOURS = {"other_clerk", "other_teacher"}
STAFF = SCHOOL | NEIGHBOURS
PEOPLE: set[str] = set(ACTORS) - {"nobody"}

Ask = tuple[str, Callable[[World], dict[str, Any]], set[str]]


def _none(_world: World) -> dict[str, Any]:
    return {}


def _ids(**names: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {name: world[target] for name, target in names.items()}


# Root field → document, variables, and who gets an answer: data, not an error, not null, not [].
READS: dict[str, Ask] = {
    "viewer": ("{ viewer { id } }", _none, PEOPLE),
    "mySessions": ("{ mySessions { id } }", _none, {"mother"}),
    "schools": ("{ schools { id } }", _none, FAMILY | STAFF | {"officer"}),
    "myStudents": ("{ myStudents { id } }", _none, FAMILY),
    "student": (
        "query($id: UUID!) { student(id: $id) { id } }",
        _ids(id="lan"),
        {"mother", "father", "pupil", *SCHOOL},
    ),
    "classGroups": ("query($s: UUID!) { classGroups(school: $s) { id } }", _ids(s="school"), SCHOOL),
    "classGroup": ("query($id: UUID!) { classGroup(id: $id) { id } }", _ids(id="class_7a"), SCHOOL),
    "roster": ("query($c: UUID!) { roster(classGroup: $c) { id } }", _ids(c="class_7a"), SCHOOL),
    "classAssignments": (
        "query($c: UUID!) { classAssignments(classGroup: $c) { id } }",
        _ids(c="class_7a"),
        SCHOOL,
    ),
    "teachingAssignments": (
        "{ teachingAssignments { id } }",
        _none,
        {"math_teacher", "literature_teacher", "other_teacher"},
    ),
    "scoreColumns": (
        "query($c: UUID!, $s: UUID!) { scoreColumns(classGroup: $c, subject: $s, semester: SEM1) { id } }",
        _ids(c="class_7a", s="toan"),
        {"math_teacher", "homeroom_teacher", "headteacher"},
    ),
    "scoreColumn": (
        "query($id: UUID!) { scoreColumn(id: $id) { id } }",
        _ids(id="column"),
        {"math_teacher", "homeroom_teacher", "headteacher"},
    ),
    "sheetRows": (
        "query($c: UUID!, $s: UUID!) { sheetRows(classGroup: $c, subject: $s) { id } }",
        _ids(c="class_7a", s="toan"),
        {"math_teacher", "homeroom_teacher", "headteacher"},
    ),
    "subjectMarks": (
        "query($s: UUID!) { subjectMarks(student: $s, semester: SEM1) { id } }",
        _ids(s="lan"),
        {"mother", "father", "pupil", "homeroom_teacher", "headteacher"},
    ),
    "announcements": ("{ announcements { nodes { id } } }", _none, {"mother", "father", "pupil", "other_mother"}),
    "announcement": (
        "query($id: UUID!) { announcement(id: $id) { id } }",
        _ids(id="announcement"),
        {"mother", "father", "pupil", "other_mother"},
    ),
    "sentAnnouncements": ("{ sentAnnouncements { nodes { id } } }", _none, {"clerk", "headteacher"}),
    "sentAnnouncement": (
        "query($id: UUID!) { sentAnnouncement(id: $id) { id } }",
        _ids(id="announcement"),
        {"clerk", "headteacher"},
    ),
    "announcementAudience": (
        "query($a: AudienceInput!) { announcementAudience(audience: $a) { recipientCount } }",
        lambda world: {"a": {"school": world["school"], "kinds": ["FAMILIES"]}},
        {"clerk", "headteacher"},
    ),
    "inbox": ("{ inbox { nodes { id } } }", _none, set()),
    "notification": ("query($id: UUID!) { notification(id: $id) { id } }", _ids(id="announcement"), set()),
    "inboxSummary": ("{ inboxSummary { unreadCount } }", _none, PEOPLE),
    "devices": ("{ devices { id } }", _none, {"mother"}),
    "pushKey": ("{ pushKey }", _none, PEOPLE),
    "parentHome": ("{ parentHome { children { id } } }", _none, FAMILY),
    "staffHome": ("{ staffHome { studentCount } }", _none, STAFF | {"officer"}),
    "importBatches": ("query($s: UUID!) { importBatches(school: $s) { nodes { id } } }", _ids(s="school"), {"clerk"}),
    "importBatch": ("query($id: UUID!) { importBatch(id: $id) { id } }", _ids(id="batch"), {"clerk"}),
    "staffMembers": (
        "query($s: UUID!) { staffMembers(school: $s) { nodes { id } } }",
        _ids(s="school"),
        {"clerk", "headteacher"},
    ),
}

# Root field → document, variables, and who may do it. Everybody else is refused and nothing at all changes.
CHANGES: dict[str, Ask] = {
    "createScoreColumn": (
        "mutation($c: UUID!, $s: UUID!) { createScoreColumn(classGroup: $c, subject: $s, semester: SEM1, kind: MID)"
        " { __typename ... on Problem { code } } }",
        _ids(c="class_7a", s="toan"),
        {"math_teacher"},
    ),
    "enterScores": (
        "mutation($c: UUID!, $r: [ScoreInput!]!) { enterScores(column: $c, rows: $r)"
        " { __typename ... on Problem { code } } }",
        lambda world: {"c": world["column"], "r": [{"student": world["lan"], "mark": "8,5"}]},
        {"math_teacher"},
    ),
    "publishScores": (
        "mutation($c: UUID!) { publishScores(column: $c, version: 1) { __typename ... on Problem { code } } }",
        _ids(c="full_column"),
        {"math_teacher"},
    ),
    "sendAnnouncement": (
        "mutation($i: AnnouncementInput!, $k: UUID!) { sendAnnouncement(input: $i, key: $k)"
        " { __typename ... on Problem { code } } }",
        lambda world: {
            "i": {
                "title": "Họp lớp",
                "body": "Kính mời.",
                "audience": {"school": world["school"], "kinds": ["FAMILIES"], "classes": [world["class_7a"]]},
            },
            "k": world["class_7a"],
        },
        SCHOOL,
    ),
    "readAnnouncement": (
        "mutation($id: UUID!) { readAnnouncement(id: $id) { __typename ... on Problem { code } } }",
        _ids(id="announcement"),
        {"mother", "father", "pupil", "other_mother"},
    ),
    "acknowledgeAnnouncement": (
        "mutation($id: UUID!) { acknowledgeAnnouncement(id: $id) { __typename ... on Problem { code } } }",
        _ids(id="announcement"),
        {"mother", "father", "pupil", "other_mother"},
    ),
    "remindAnnouncement": (
        "mutation($id: UUID!) { remindAnnouncement(id: $id) { __typename ... on Problem { code } } }",
        _ids(id="announcement"),
        {"clerk", "headteacher"},
    ),
    "revokeSession": (
        "mutation($id: UUID!) { revokeSession(id: $id) { __typename ... on Problem { code } } }",
        _ids(id="session"),
        {"mother"},
    ),
    "changePassword": (
        'mutation { changePassword(current: "khong-phai-mat-khau", new: "mot-mat-khau-moi-1") '
        "{ __typename ... on Problem { code } } }",
        _none,
        set(),
    ),
    "updateSettings": (
        "mutation { updateSettings(theme: DARK) { __typename ... on Problem { code } } }",
        _none,
        PEOPLE,
    ),
    "previewClaim": (
        'mutation { previewClaim(code: "AAAABBBBCCCC") { __typename ... on Problem { code } } }',
        _none,
        set(),
    ),
    "claimStudent": (
        'mutation { claimStudent(code: "AAAABBBBCCCC", relation: MOTHER) { __typename ... on Problem { code } } }',
        _none,
        set(),
    ),
    "applyImport": (
        "mutation($id: UUID!) { applyImport(batch: $id, version: 1) { __typename ... on Problem { code } } }",
        _ids(id="batch"),
        {"clerk"},
    ),
    "discardImport": (
        "mutation($id: UUID!) { discardImport(batch: $id) { __typename ... on Problem { code } } }",
        _ids(id="batch"),
        {"clerk"},
    ),
    "issueStaffPassword": (
        "mutation($id: UUID!) { issueStaffPassword(staff: $id) { __typename ... on Problem { code } } }",
        _ids(id="math_member"),
        {"clerk", "headteacher"},
    ),
    "readNotification": (
        "mutation($id: UUID!) { readNotification(id: $id) { __typename ... on Problem { code } } }",
        _ids(id="announcement"),
        set(),
    ),
    "removeDevice": (
        "mutation($id: UUID!) { removeDevice(id: $id) { __typename ... on Problem { code } } }",
        _ids(id="device"),
        {"mother"},
    ),
    "sendTestPush": (
        "mutation($id: UUID!) { sendTestPush(device: $id) { __typename ... on Problem { code } } }",
        _ids(id="device"),
        {"mother"},
    ),
    "confirmTestPush": (
        "mutation($id: UUID!) { confirmTestPush(device: $id) { __typename ... on Problem { code } } }",
        _ids(id="device"),
        {"mother"},
    ),
}
# Only about oneself, with nothing to take from others: any person; nobody is refused. Signing in is tested in slices.
OWN = {"signOut", "signOutEverywhere", "readAllNotifications", "addWebPushDevice", "addFcmDevice"}
DOORS = {"signInWithPassword", "signInWithCode", "requestSignInCode"}


@pytest.fixture
async def world(database: Database) -> World:
    from tests.contract.extras import add_extras

    made = await make_world(database)
    await add_extras(database, made)
    return made


@pytest.fixture
async def client(database: Database, bus: MemoryBus) -> AsyncIterator[Client]:
    client = Client(database, bus)
    async with client.services.jobs:
        yield client


def test_every_root_field_is_in_the_table() -> None:
    fields = {name.split(".")[1] for name in root_permissions(schema._schema)}  # pyright: ignore[reportPrivateUsage]
    assert fields - {"news"} == set(READS) | set(CHANGES) | OWN | DOORS


@pytest.mark.parametrize("name", READS)
async def test_reads(name: str, world: World, client: Client) -> None:
    document, variables, allowed = READS[name]
    for actor in ACTORS:
        answer = await client(world.actor(actor), document, **variables(world))
        assert _is_answered(answer, name) == (actor in allowed), f"{actor}: {answer.data} {answer.errors}"


@pytest.mark.parametrize("name", CHANGES)
async def test_changes(name: str, world: World, client: Client, dsn: str) -> None:
    """First everybody who may not: refused, and the whole database stands as before. Then one who may: it works."""
    document, variables, allowed = CHANGES[name]
    before = await _fingerprint(dsn)
    for actor in ACTORS:
        if actor not in allowed:
            answer = await client(world.actor(actor), document, **variables(world))
            refused = answer.problem is not None or (answer.data or {}).get(name) is None
            assert refused, f"{actor}: {answer.data}"
    assert await _fingerprint(dsn) == before
    for actor in sorted(allowed)[:1]:
        answer = await client(world.actor(actor), document, **variables(world))
        assert answer.problem is None, (actor, answer.data, answer.errors)


@pytest.mark.parametrize("name", sorted(OWN))
async def test_own_things_need_a_person(name: str, world: World, client: Client) -> None:
    arguments = {
        "addWebPushDevice": '(endpoint: "https://push.example/x", p256dh: "", auth: "", label: "")',
        "addFcmDevice": '(token: "x", label: "")',
    }
    document = f"mutation {{ {name}{arguments.get(name, '')} {{ __typename ... on Problem {{ code }} }} }}"
    answer = await client(world.actor("nobody"), document)
    assert answer.problem == "core.sign_in_required"


def _is_answered(answer: Answer, name: str) -> bool:
    if answer.problem is not None or answer.data is None:
        return False
    value = answer.data[name]
    if isinstance(value, dict) and "nodes" in value:
        value = value["nodes"]
    return value not in (None, [])


# Counters of failed attempts are meant to change; the journal must not, and nothing else may.
_UNCOUNTED = {"alembic_version", "credential", "sign_in_challenge"}


async def _fingerprint(dsn: str) -> dict[str, str]:
    """A hash of every table's whole content, read as the owner."""
    connection = await asyncpg.connect(dsn)
    try:
        names = [r[0] for r in await connection.fetch("select tablename from pg_tables where schemaname = 'public'")]
        prints = {}
        for name in sorted(set(names) - _UNCOUNTED):
            rows = await connection.fetchval(
                f"select coalesce(string_agg(t::text, '' order by t::text), '') from \"{name}\" t"
            )
            prints[name] = hashlib.sha256(rows.encode()).hexdigest()
        return prints
    finally:
        await connection.close()
