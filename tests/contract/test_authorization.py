"""Who may do what: every operation by every actor, and proof that a refusal changed nothing.

`ALLOWED` names for each root field the actors who get an answer about the world's own rows; everybody else must be
refused, or see nothing. A new root field fails `test_every_root_field_is_in_the_table` until it is decided here.
"""

import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from backend.core import clock
from backend.core.bus import MemoryBus
from backend.core.db import Database
from backend.core.graphql.fields import root_permissions
from backend.core.ids import new_id
from backend.eservices.shipped import procedure_id, version_id
from backend.schema import schema
from tests.actors import ACTORS, World, make_world
from tests.client import Answer, Client

FAMILY = {"mother", "father", "pupil", "other_mother"}
SCHOOL = {"math_teacher", "literature_teacher", "homeroom_teacher", "headteacher", "clerk"}
NEIGHBOURS = {"other_clerk", "other_teacher"}
STAFF = SCHOOL | NEIGHBOURS
REGISTER_TAKERS = SCHOOL - {"clerk"}
OFFICE = {"clerk", "headteacher"}
PEOPLE: set[str] = set(ACTORS) - {"nobody"}

Ask = tuple[str, Callable[[World], dict[str, Any]], set[str]]


def _none(_world: World) -> dict[str, Any]:
    return {}


def _ids(**names: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {name: world[target] for name, target in names.items()}


def _monday(days_ago: int) -> date:
    """The Monday that many days before this week's."""
    return clock.today() - timedelta(days=days_ago + clock.today().weekday())


def _last_weekday() -> date:
    """The last day before today from Monday to Friday: lessons of it are over."""
    return next(day for back in (1, 2, 3) if (day := clock.today() - timedelta(days=back)).isoweekday() <= 5)


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
    "absenceAlert": (
        "query($id: UUID!) { absenceAlert(id: $id) { id } }",
        _ids(id="alert"),
        {"mother", "father", "homeroom_teacher", "headteacher"},
    ),
    "absenceAlerts": (
        "{ absenceAlerts { id } }",
        _none,
        {"mother", "father", "homeroom_teacher", "headteacher"},
    ),
    "registerTasks": (
        "query($d: Date!) { registerTasks(day: $d) { id } }",
        lambda _world: {"d": clock.today()},
        {"math_teacher", "literature_teacher", "homeroom_teacher", "other_teacher"},
    ),
    "register": (
        "query($c: UUID!, $d: Date!) { register(classGroup: $c, day: $d, session: MORNING) { id } }",
        lambda world: {"c": world["class_7a"], "d": _last_weekday()},
        REGISTER_TAKERS,
    ),
    "registerRows": ("query($c: UUID!) { registerRows(classGroup: $c) { id } }", _ids(c="class_7a"), REGISTER_TAKERS),
    "attendanceMarks": (
        "query($s: UUID!, $f: Date!, $t: Date!) { attendanceMarks(student: $s, from: $f, to: $t) { id } }",
        lambda world: {"s": world["lan"], "f": clock.today() - timedelta(days=10), "t": clock.today()},
        {"mother", "father", "pupil", "homeroom_teacher", "headteacher"},
    ),
    "attendanceCount": (
        "query($s: UUID!) { attendanceCount(student: $s) { counted } }",
        _ids(s="lan"),
        {"mother", "father", "pupil", "homeroom_teacher", "headteacher"},
    ),
    "classDays": (
        "query($s: UUID!, $d: Date!) { classDays(school: $s, day: $d) { id } }",
        lambda world: {"s": world["school"], "d": clock.today()},
        {"headteacher", "clerk"},
    ),
    "absencePatterns": (
        "query($s: UUID!) { absencePatterns(school: $s) { id student { fullName } } }",
        _ids(s="school"),
        {"homeroom_teacher", "headteacher"},
    ),
    "attendanceSettings": (
        "query($s: UUID!) { attendanceSettings(school: $s) { id } }",
        _ids(s="school"),
        FAMILY | SCHOOL,
    ),
    "lessonLogs": (
        "query($c: UUID!, $d: Date!) { lessonLogs(classGroup: $c, from: $d, to: $d) { id } }",
        lambda world: {"c": world["class_7a"], "d": clock.today() - timedelta(days=21)},
        SCHOOL,
    ),
    "lessonsToLog": (
        "query($f: Date!, $t: Date!) { lessonsToLog(from: $f, to: $t) { id } }",
        lambda _world: {"f": clock.today() - timedelta(days=10), "t": clock.today() - timedelta(days=4)},
        {"math_teacher", "literature_teacher", "other_teacher"},
    ),
    "calendarFeed": ("{ calendarFeed { id } }", _none, {"mother"}),
    "heldRemarks": ("{ heldRemarks { id } }", _none, {"homeroom_teacher"}),
    "remarks": (
        "query($s: UUID!) { remarks(student: $s) { nodes { id } } }",
        _ids(s="lan"),
        {"mother", "father", "pupil", "homeroom_teacher", "headteacher"},
    ),
    "closedWeek": (
        "query($c: UUID!, $d: Date!) { closedWeek(classGroup: $c, startsOn: $d) { id } }",
        lambda world: {"c": world["class_7a"], "d": _monday(35)},
        SCHOOL,
    ),
    "classLessons": (
        "query($c: UUID!, $d: Date!) { classLessons(classGroup: $c, from: $d, to: $d) { id } }",
        lambda world: {"c": world["class_7a"], "d": clock.today()},
        {"mother", "father", "pupil", "other_mother", *SCHOOL},
    ),
    "myLessons": (
        "query($d: Date!) { myLessons(from: $d, to: $d) { id } }",
        lambda _world: {"d": clock.today()},
        {"math_teacher", "literature_teacher", "other_teacher"},
    ),
    "teacherLessons": (
        "query($s: UUID!, $t: UUID!, $d: Date!) { teacherLessons(school: $s, teacher: $t, from: $d, to: $d) { id } }",
        lambda world: {"s": world["school"], "t": world["math_teacher"], "d": clock.today()},
        SCHOOL,
    ),
    "roomLessons": (
        "query($r: UUID!, $d: Date!) { roomLessons(room: $r, from: $d, to: $d) { id } }",
        lambda world: {"r": world["room"], "d": clock.today()},
        SCHOOL,
    ),
    "schoolDays": (
        "query($s: UUID!, $d: Date!) { schoolDays(school: $s, from: $d, to: $d) { id } }",
        lambda world: {"s": world["school"], "d": clock.today()},
        FAMILY | SCHOOL,
    ),
    "periods": ("query($s: UUID!) { periods(school: $s) { id } }", _ids(s="school"), FAMILY | SCHOOL),
    "rooms": ("query($s: UUID!) { rooms(school: $s) { id } }", _ids(s="school"), SCHOOL),
    "calendarEvents": (
        "query($c: UUID!, $f: Date!, $t: Date!) { calendarEvents(classGroup: $c, from: $f, to: $t) { id } }",
        lambda world: {"c": world["class_7a"], "f": clock.today(), "t": clock.today() + timedelta(days=7)},
        {"mother", "father", "pupil", "other_mother", *SCHOOL},
    ),
    "timetables": ("query($s: UUID!) { timetables(school: $s) { id } }", _ids(s="school"), {"clerk", "headteacher"}),
    "timetableEntries": (
        "query($t: UUID!, $c: UUID!) { timetableEntries(timetable: $t, classGroup: $c) { id } }",
        _ids(t="timetable", c="class_7a"),
        {"clerk", "headteacher"},
    ),
    "holidays": ("query($s: UUID!) { holidays(school: $s) { id } }", _ids(s="school"), FAMILY | SCHOOL),
    "unitHolidays": ("{ unitHolidays { id } }", _none, {"officer"}),
    "yearFrames": ("{ yearFrames { id } }", _none, {"officer"}),
    "leaveRequests": (
        "query($s: UUID!) { leaveRequests(student: $s) { nodes { id } } }",
        _ids(s="lan"),
        {"mother", "father", "pupil"},
    ),
    "leaveRequest": (
        "query($id: UUID!) { leaveRequest(id: $id) { id } }",
        _ids(id="leave"),
        {"mother", "father", "pupil", "homeroom_teacher", "headteacher"},
    ),
    "leaveToDecide": ("{ leaveToDecide { id } }", _none, {"homeroom_teacher", "headteacher"}),
    "decidedLeave": ("{ decidedLeave { nodes { id } } }", _none, {"homeroom_teacher", "headteacher"}),
    # A yes or a no: the family of another child is told no.
    "maySendLeave": ("query($s: UUID!) { maySendLeave(student: $s) }", _ids(s="lan"), FAMILY),
    "procedures": ("{ procedures { id code live { id card } } }", _none, set(ACTORS)),
    "procedure": ('{ procedure(code: "2.002854") { id live { name } } }', _none, set(ACTORS)),
    "procedureVersion": (
        "query($id: UUID!) { procedureVersion(id: $id) { id definition } }",
        lambda _world: {"id": version_id("2.002854")},
        set(ACTORS),
    ),
    "procedureVersions": (
        "query($p: UUID!) { procedureVersions(procedure: $p) { id } }",
        lambda _world: {"p": procedure_id("2.002854")},
        {"officer"},
    ),
    "allProcedures": ("{ allProcedures { id } }", _none, {"officer"}),
    "officeDays": ('{ officeDays(from: "2026-01-01", to: "2026-12-31") { id } }', _none, set(ACTORS)),
    "serviceWindows": (
        "query($s: UUID!) { serviceWindows(school: $s) { id procedure { code } } }",
        _ids(s="school"),
        FAMILY | SCHOOL | {"officer"},
    ),
    "serviceSchools": ('{ serviceSchools(search: "thcs") { id } }', _none, set(ACTORS)),
    "myDrafts": ("{ myDrafts { id } }", _none, {"mother", "father"}),
    "draft": ("query($id: UUID!) { draft(id: $id) { id } }", _ids(id="request"), {"mother"}),
    "prefill": (
        "query($v: UUID!, $s: UUID!) { prefill(procedureVersion: $v, student: $s) { field value } }",
        lambda world: {"v": version_id("TRUONG.02"), "s": world["lan"]},
        {"mother", "father", "pupil", "headteacher", "clerk"},
    ),
    "cosigners": ("query($d: UUID!) { cosigners(draft: $d) { id } }", _ids(d="request"), {"mother"}),
    "myDossiers": ("{ myDossiers { nodes { id } } }", _none, {"mother", "other_mother"}),
    "dossier": (
        "query($id: UUID!) { dossier(id: $id) { id } }",
        _ids(id="dossier"),
        {"mother", "headteacher", "clerk"},
    ),
    # Who holds the code and knows the phone, whoever it is.
    "trackDossier": (
        '{ trackDossier(code: "24010001-260101-0001", phoneDigits: "4321") { status } }',
        _none,
        set(ACTORS),
    ),
    "dossierQueue": ("{ dossierQueue(filter: {}) { rows { dossier { id } } } }", _none, STAFF),
    "handlers": ("query($s: UUID!) { handlers(school: $s) { id } }", _ids(s="school"), SCHOOL),
    "serviceBoard": (
        "query($f: Date!, $t: Date!) { serviceBoard(from: $f, to: $t) { open } }",
        lambda _world: {"f": clock.today() - timedelta(days=30), "t": clock.today()},
        {"headteacher", "officer"},
    ),
    "transfers": ("{ transfers { id } }", _none, {"mother", "father", "clerk", "headteacher", "other_clerk"}),
    "openTransfer": (
        'query { openTransfer(code: "AAAA-BBBB-CCCC") { studentName } }',
        _none,
        {"headteacher", "clerk", "other_clerk"},
    ),
    # Whoever holds the paper.
    "verifyPaper": ('{ verifyPaper(code: "DDDD-EEEE-FFFF-GGGG") { state } }', _none, set(ACTORS)),
    "diplomas": (
        'query($s: UUID!) { diplomas(school: $s, search: "Hoa") { id corrections { id } } }',
        _ids(s="school"),
        {"headteacher", "clerk"},
    ),
    "transferredRecords": (
        "query($s: UUID!) { transferredRecords(student: $s) { id } }",
        _ids(s="lan"),
        {"mother", "father", "pupil", "headteacher", "clerk"},
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
    "answerAbsence": (
        "mutation($id: UUID!) { answerAbsence(alert: $id, answer: SICK) { __typename ... on Problem { code } } }",
        _ids(id="alert"),
        {"mother", "father"},
    ),
    "acknowledgeSafety": (
        "mutation($id: UUID!) { acknowledgeSafety(alert: $id) { __typename ... on Problem { code } } }",
        _ids(id="search"),
        {"homeroom_teacher", "headteacher"},
    ),
    "closeAlert": (
        "mutation($id: UUID!) { closeAlert(alert: $id, outcome: UNEXCUSED) { __typename ... on Problem { code } } }",
        _ids(id="alert"),
        {"homeroom_teacher", "headteacher"},
    ),
    "takeRegister": (
        "mutation($c: UUID!, $d: Date!, $t: DateTime!, $o: [OperationInput!]!) { takeRegister(classGroup: $c, day: $d,"
        " session: MORNING, deviceTime: $t, operations: $o) { __typename ... on Problem { code } } }",
        lambda world: {
            "c": world["class_7a"],
            "d": clock.today(),
            "t": clock.now().isoformat(),
            "o": [
                {
                    "id": new_id(),
                    "student": world["lan"],
                    "status": "PRESENT",
                    "explicit": True,
                    "decidedAt": clock.now().isoformat(),
                }
            ],
        },
        REGISTER_TAKERS,
    ),
    "setAttendanceSettings": (
        "mutation($s: UUID!) { setAttendanceSettings(school: $s, byPeriod: true, answerMinutes: 15, safetyMinutes: 5,"
        " reminderMinutes: 15, homeroomLeaveDays: 3, holdRemarks: true) { __typename ... on Problem { code } } }",
        _ids(s="school"),
        {"headteacher"},
    ),
    "signLesson": (
        "mutation($c: UUID!, $d: Date!) { signLesson(classGroup: $c, day: $d, session: MORNING, period: 1,"
        ' content: "Phép trừ") { __typename ... on Problem { code } } }',
        lambda world: {"c": world["class_7a"], "d": _last_weekday()},
        {"math_teacher", "homeroom_teacher"},
    ),
    "releaseRemark": (
        "mutation($id: UUID!) { releaseRemark(id: $id) { __typename ... on Problem { code } } }",
        _ids(id="held_remark"),
        {"homeroom_teacher"},
    ),
    "dropRemark": (
        "mutation($id: UUID!) { dropRemark(id: $id) { __typename ... on Problem { code } } }",
        _ids(id="held_remark"),
        {"math_teacher", "homeroom_teacher"},
    ),
    "closeWeek": (
        "mutation($c: UUID!, $d: Date!) { closeWeek(classGroup: $c, startsOn: $d)"
        " { __typename ... on Problem { code } } }",
        lambda world: {"c": world["class_7a"], "d": _monday(49)},  # before the days of the world: nothing is missing
        {"homeroom_teacher"},
    ),
    "reopenWeek": (
        "mutation($c: UUID!, $d: Date!) { reopenWeek(classGroup: $c, startsOn: $d)"
        " { __typename ... on Problem { code } } }",
        lambda world: {"c": world["class_7a"], "d": _monday(35)},
        {"headteacher"},
    ),
    "setPeriods": (
        'mutation($s: UUID!) { setPeriods(school: $s, periods: [{session: MORNING, number: 1, startsAt: "07:15",'
        ' endsAt: "08:00"}]) { __typename ... on Problem { code } } }',
        _ids(s="school"),
        {"clerk", "headteacher"},
    ),
    "addRoom": (
        'mutation($s: UUID!) { addRoom(school: $s, name: "P.999") { __typename ... on Problem { code } } }',
        _ids(s="school"),
        {"clerk", "headteacher"},
    ),
    "createTimetable": (
        'mutation($s: UUID!, $d: Date!) { createTimetable(school: $s, name: "Mới", startsOn: $d)'
        " { __typename ... on Problem { code } } }",
        lambda world: {"s": world["school"], "d": clock.today()},
        {"clerk", "headteacher"},
    ),
    "setEntry": (
        "mutation($t: UUID!, $e: EntryInput!) { setEntry(timetable: $t, entry: $e)"
        " { __typename ... on Problem { code } } }",
        lambda world: {
            "t": world["timetable"],
            "e": {
                "weekday": 2,
                "session": "MORNING",
                "period": 4,
                "classGroup": world["class_7b"],
                "subject": world["toan"],
                "teacher": world["math_teacher"],
            },
        },
        {"clerk", "headteacher"},
    ),
    "removeEntry": (
        "mutation($id: UUID!) { removeEntry(id: $id) { __typename ... on Problem { code } } }",
        _ids(id="entry"),
        {"clerk", "headteacher"},
    ),
    "publishTimetable": (
        "mutation($id: UUID!) { publishTimetable(id: $id, version: 1) { __typename ... on Problem { code } } }",
        _ids(id="draft"),
        {"clerk", "headteacher"},
    ),
    "deleteTimetable": (
        "mutation($id: UUID!) { deleteTimetable(id: $id) { __typename ... on Problem { code } } }",
        _ids(id="draft"),
        {"clerk", "headteacher"},
    ),
    "changeLesson": (
        "mutation($c: LessonChangeInput!) { changeLesson(change: $c) { __typename ... on Problem { code } } }",
        lambda world: {
            "c": {
                "classGroup": world["class_7a"],
                "day": clock.today(),
                "session": "MORNING",
                "period": 1,
                "kind": "CANCELLED",
            }
        },
        {"clerk", "headteacher"},
    ),
    "undoLessonChange": (
        "mutation($c: UUID!, $d: Date!) { undoLessonChange(classGroup: $c, day: $d, session: MORNING, period: 1)"
        " { __typename ... on Problem { code } } }",
        lambda world: {"c": world["class_7b"], "d": clock.today() + timedelta(days=7)},
        {"clerk", "headteacher"},
    ),
    "addHoliday": (
        'mutation($s: UUID!, $d: Date!) { addHoliday(school: $s, kind: HOLIDAY, name: "Nghỉ", startsOn: $d, endsOn: $d)'
        " { __typename ... on Problem { code } } }",
        lambda world: {"s": world["school"], "d": clock.today() + timedelta(days=9)},
        {"clerk", "headteacher"},
    ),
    "removeHoliday": (
        "mutation($id: UUID!) { removeHoliday(id: $id) { __typename ... on Problem { code } } }",
        _ids(id="unit_holiday"),
        {"officer"},
    ),
    "setYearFrame": (
        'mutation { setYearFrame(name: "2026-2027", startsOn: "2026-09-07", secondSemesterOn: "2027-01-18",'
        ' endsOn: "2027-05-28") { __typename ... on Problem { code } } }',
        _none,
        {"officer"},
    ),
    "addCalendarEvent": (
        'mutation($c: UUID!, $d: Date!) { addCalendarEvent(classGroup: $c, kind: DUE, day: $d, title: "Nộp bài")'
        " { __typename ... on Problem { code } } }",
        lambda world: {"c": world["class_7a"], "d": clock.today() + timedelta(days=2)},
        SCHOOL,
    ),
    "removeCalendarEvent": (
        "mutation($id: UUID!) { removeCalendarEvent(id: $id) { __typename ... on Problem { code } } }",
        _ids(id="event"),
        {"math_teacher", "headteacher"},
    ),
    "requestLeave": (
        "mutation($s: UUID!, $d: Date!) { requestLeave(student: $s, startsOn: $d, startsSession: MORNING, endsOn: $d,"
        " endsSession: AFTERNOON, reason: FAMILY) { __typename ... on Problem { code } } }",
        lambda world: {"s": world["lan"], "d": clock.today()},
        {"mother", "father"},
    ),
    "decideLeave": (
        "mutation($id: UUID!) { decideLeave(request: $id, version: 1, approve: true)"
        " { __typename ... on Problem { code } } }",
        _ids(id="leave"),
        {"homeroom_teacher", "headteacher"},
    ),
    "withdrawLeave": (
        "mutation($id: UUID!) { withdrawLeave(request: $id, version: 1) { __typename ... on Problem { code } } }",
        _ids(id="leave"),
        {"mother", "father"},
    ),
    "createProcedure": (
        'mutation { createProcedure(code: "TRUONG.77", kind: SCHOOL) { __typename ... on Problem { code } } }',
        _none,
        {"officer"},
    ),
    "startVersion": (
        "mutation($p: UUID!) { startVersion(procedure: $p) { __typename ... on Problem { code } } }",
        lambda _world: {"p": procedure_id("2.002854")},
        {"officer"},
    ),
    "saveVersion": (
        "mutation($id: UUID!) { saveVersion(id: $id, version: 1, definition: {})"
        " { __typename ... on Problem { code } } }",
        _ids(id="draft_version"),
        {"officer"},
    ),
    "publishVersion": (
        "mutation($id: UUID!) { publishVersion(id: $id, version: 1) { __typename ... on Problem { code } } }",
        _ids(id="draft_version"),
        {"officer"},
    ),
    "retireProcedure": (
        "mutation($p: UUID!) { retireProcedure(id: $p) { __typename ... on Problem { code } } }",
        lambda _world: {"p": procedure_id("2.002854")},
        {"officer"},
    ),
    "setOfficeDay": (
        'mutation { setOfficeDay(day: "2026-12-24", works: false, name: "Nghỉ")'
        " { __typename ... on Problem { code } } }",
        _none,
        {"officer"},
    ),
    "removeOfficeDay": (
        'mutation { removeOfficeDay(day: "2026-11-24") { __typename ... on Problem { code } } }',
        _none,
        {"officer"},
    ),
    "setServiceWindow": (
        "mutation($s: UUID!, $p: UUID!, $o: Date!, $c: Date!) { setServiceWindow(school: $s, procedure: $p,"
        " opensOn: $o, closesOn: $c) { __typename ... on Problem { code } } }",
        lambda world: {
            "s": world["school"],
            "p": procedure_id("2.002770"),
            "o": clock.today(),
            "c": clock.today() + timedelta(days=20),
        },
        {"headteacher"},
    ),
    "startDraft": (
        "mutation($v: UUID!, $s: UUID!) { startDraft(procedureVersion: $v, student: $s)"
        " { __typename ... on Problem { code } } }",
        lambda world: {"v": version_id("TRUONG.02"), "s": world["lan"]},
        {"mother", "father", "pupil"},
    ),
    "saveDraft": (
        "mutation($id: UUID!) { saveDraft(id: $id, version: 1, answers: {}, disputes: {})"
        " { __typename ... on Problem { code } } }",
        _ids(id="request"),
        {"mother"},
    ),
    "discardDraft": (
        "mutation($id: UUID!) { discardDraft(id: $id) { __typename ... on Problem { code } } }",
        _ids(id="request"),
        {"mother"},
    ),
    "attachFile": (
        'mutation($d: UUID!, $u: UUID!) { attachFile(draft: $d, document: "birth_certificate", upload: $u)'
        " { __typename ... on Problem { code } } }",
        _ids(d="request", u="stored_file"),
        {"mother"},
    ),
    "detachFile": (
        "mutation($id: UUID!) { detachFile(id: $id) { __typename ... on Problem { code } } }",
        _ids(id="request_file"),
        {"mother"},
    ),
    "askSignature": (
        "mutation($d: UUID!, $c: UUID!) { askSignature(draft: $d, cosigner: $c)"
        " { __typename ... on Problem { code } } }",
        _ids(d="request", c="father"),
        {"mother"},
    ),
    "signDraft": (
        "mutation($id: UUID!) { signDraft(id: $id, version: 1) { __typename ... on Problem { code } } }",
        _ids(id="signing"),
        {"father"},
    ),
    "fileDraft": (
        "mutation($id: UUID!) { fileDraft(id: $id, version: 1) { __typename ... on Problem { code } } }",
        _ids(id="request"),
        {"mother"},
    ),
    "withdrawDossier": (
        'mutation($id: UUID!) { withdrawDossier(id: $id, version: 1, reason: "")'
        " { __typename ... on Problem { code } } }",
        _ids(id="dossier"),
        {"mother"},
    ),
    "answerSupplement": (
        "mutation($id: UUID!, $f: [SupplementFileInput!]!) { answerSupplement(id: $id, version: 1, answers: {},"
        " files: $f) { __typename ... on Problem { code } } }",
        lambda world: {
            "id": world["waiting_dossier"],
            "f": [{"document": "birth_certificate", "upload": world["stored_file"]}],
        },
        {"mother"},
    ),
    "rateDossier": (
        "mutation($id: UUID!) { rateDossier(id: $id, satisfaction: SATISFIED) { __typename ... on Problem { code } } }",
        _ids(id="done_dossier"),
        {"mother"},
    ),
    "reopenDossier": (
        'mutation($id: UUID!) { reopenDossier(id: $id, reason: "Chưa đúng") { __typename ... on Problem { code } } }',
        _ids(id="done_dossier"),
        {"mother"},
    ),
    "acceptDossier": (
        "mutation($id: UUID!) { acceptDossier(id: $id, version: 1) { __typename ... on Problem { code } } }",
        _ids(id="dossier"),
        OFFICE,
    ),
    "rejectDossier": (
        'mutation($id: UUID!) { rejectDossier(id: $id, version: 1, reason: "x")'
        " { __typename ... on Problem { code } } }",
        _ids(id="dossier"),
        OFFICE,
    ),
    "requestSupplement": (
        'mutation($id: UUID!) { requestSupplement(id: $id, version: 1, note: "",'
        ' defects: [{target: "document:birth_certificate", defect: "OTHER", note: "x"}])'
        " { __typename ... on Problem { code } } }",
        _ids(id="dossier"),
        OFFICE,
    ),
    "startDossier": (
        "mutation($id: UUID!) { startDossier(id: $id, version: 1) { __typename ... on Problem { code } } }",
        _ids(id="accepted_dossier"),
        OFFICE,
    ),
    "advanceDossier": (
        'mutation($id: UUID!) { advanceDossier(id: $id, version: 1, note: "") { __typename ... on Problem { code } } }',
        _ids(id="running_dossier"),
        OFFICE,
    ),
    "handOver": (
        'mutation($id: UUID!, $to: UUID!) { handOver(id: $id, version: 1, to: $to, note: "")'
        " { __typename ... on Problem { code } } }",
        _ids(id="running_dossier", to="headteacher"),
        OFFICE,
    ),
    "requirePayment": (
        'mutation($id: UUID!) { requirePayment(id: $id, version: 1, fee: 1000, note: "")'
        " { __typename ... on Problem { code } } }",
        _ids(id="running_dossier"),
        OFFICE,
    ),
    "confirmPayment": (
        'mutation($id: UUID!) { confirmPayment(id: $id, version: 1, receipt: "BL")'
        " { __typename ... on Problem { code } } }",
        _ids(id="unpaid_dossier"),
        OFFICE,
    ),
    "extendDossier": (
        'mutation($id: UUID!) { extendDossier(id: $id, version: 1, workingDays: 1, reason: "x")'
        " { __typename ... on Problem { code } } }",
        _ids(id="running_dossier"),
        {"headteacher"},
    ),
    "revokeResult": (
        'mutation($id: UUID!) { revokeResult(id: $id, version: 1, reason: "x")'
        " { __typename ... on Problem { code } } }",
        _ids(id="done_dossier"),
        {"headteacher"},
    ),
    "stopDossier": (
        'mutation($id: UUID!) { stopDossier(id: $id, version: 1, reason: "x") { __typename ... on Problem { code } } }',
        _ids(id="running_dossier"),
        OFFICE,
    ),
    "completeDossier": (
        'mutation($id: UUID!) { completeDossier(id: $id, version: 1, resultNote: "x")'
        " { __typename ... on Problem { code } } }",
        _ids(id="last_dossier"),
        {"headteacher"},
    ),
    "returnDossier": (
        "mutation($id: UUID!) { returnDossier(id: $id, version: 1) { __typename ... on Problem { code } } }",
        _ids(id="done_dossier"),
        OFFICE,
    ),
    "addNote": (
        'mutation($id: UUID!) { addNote(id: $id, note: "x") { __typename ... on Problem { code } } }',
        _ids(id="running_dossier"),
        OFFICE,
    ),
    "showTransferCode": (
        "mutation($s: UUID!) { showTransferCode(student: $s) { __typename ... on Problem { code } } }",
        _ids(s="lan"),
        {"mother", "father"},
    ),
    "proposeTransfer": (
        'mutation($s: UUID!) { proposeTransfer(code: "AAAABBBBCCCC", school: $s)'
        " { __typename ... on Problem { code } } }",
        _ids(s="other_school"),
        {"other_clerk"},
    ),
    "answerTransfer": (
        "mutation($id: UUID!) { answerTransfer(id: $id, version: 1, consent: true)"
        " { __typename ... on Problem { code } } }",
        _ids(id="transfer"),
        {"mother", "father"},
    ),
    "addDiploma": (
        "mutation($s: UUID!, $d: DiplomaInput!) { addDiploma(school: $s, diploma: $d)"
        " { __typename ... on Problem { code } } }",
        lambda world: {
            "s": world["school"],
            "d": {
                "kind": "UPPER_SECONDARY",
                "serialNumber": "A 1",
                "registerNumber": "7/2026",
                "fullName": "Trần Văn Minh",
                "birthDate": "2008-01-02",
                "birthplace": "",
                "ethnicity": "",
                "sex": "MALE",
                "graduationYear": 2026,
                "classification": "",
                "issuedOn": "2026-07-01",
            },
        },
        {"headteacher", "clerk"},
    ),
}
# Only about oneself, with nothing to take from others: any person; nobody is refused. Signing in is tested in slices.
OWN = {
    "createCalendarFeed",
    "revokeCalendarFeed",
    "signOut",
    "signOutEverywhere",
    "readAllNotifications",
    "addWebPushDevice",
    "addFcmDevice",
}
DOORS = {"signInWithPassword", "signInWithCode", "requestSignInCode", "requestCitizenCode"}


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
