"""The fence around timetable, attendance, leave and the class register; and every fence read once a statement.

Before, PostgreSQL parsed the text of ids for every row it looked at: the cast stood outside the sub-select.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROLE = "nhipcau_app"

SYSTEM = "(select current_setting('app.system', true)) = 'on'"
USER = "(select nullif(current_setting('app.user', true), '')::uuid)"
# The second cast changes nothing; without it `any` would take the sub-select for a set of arrays.
IDS = "any ((select nullif(current_setting('app.{}', true), '')::uuid[])::uuid[])"
AT_SCHOOL = f"school_id = {IDS.format('schools')}"
AS_STAFF = f"school_id = {IDS.format('staff')}"
OF_STUDENT = f"student_id = {IDS.format('students')}"

# Table → who may see and change its rows, besides our own machinery. Holidays and frames of a year are public.
FENCE = {
    "period": AT_SCHOOL,
    "room": AT_SCHOOL,
    "timetable": AT_SCHOOL,
    "timetable_entry": AT_SCHOOL,
    "lesson_change": AT_SCHOOL,
    "school_day": AT_SCHOOL,
    "class_session": AT_SCHOOL,
    "calendar_event": AT_SCHOOL,
    "calendar_feed": f"user_id = {USER}",
    "register": AS_STAFF,
    "attendance_operation": AS_STAFF,
    "attendance_mark": f"{AS_STAFF} or {OF_STUDENT}",
    "absence_note": f"{AS_STAFF} or {OF_STUDENT}",
    "absence_alert": f"{AS_STAFF} or {OF_STUDENT}",
    "alert_acknowledgement": AT_SCHOOL,
    "closed_week": AT_SCHOOL,
    "attendance_setting": AT_SCHOOL,
    "register_reminder": "false",
    "absence_warning": f"{AS_STAFF} or {OF_STUDENT}",
    "leave_request": f"{AS_STAFF} or {OF_STUDENT}",
    "leave_photo": f"{AS_STAFF} or {OF_STUDENT}",
    "lesson_log": AS_STAFF,
    "lesson_remark": f"{AS_STAFF} or (released_at is not null and dropped_at is null and {OF_STUDENT})",
}

# The rules of 0002 in the new form.
BEFORE = {
    "school_year": AT_SCHOOL,
    "class_group": AT_SCHOOL,
    "teaching_assignment": AT_SCHOOL,
    "homeroom": AT_SCHOOL,
    "score_column": AT_SCHOOL,
    "student": f"{AS_STAFF} or {OF_STUDENT.replace('student_id', 'id', 1)}",
    "enrolment": f"{AS_STAFF} or {OF_STUDENT}",
    "guardianship": f"{AS_STAFF} or user_id = {USER}",
    "score": f"{AS_STAFF} or (published_at is not null and {OF_STUDENT})",
    "subject_result": f"{AS_STAFF} or {OF_STUDENT}",
    "claim_slip": AS_STAFF,
    "guardian_contact": AS_STAFF,
    "staff_member": AS_STAFF,
    "import_batch": AS_STAFF,
    "import_file": AS_STAFF,
    "import_row": AS_STAFF,
    "announcement": AT_SCHOOL,
    "announcement_recipient": f"{AS_STAFF} or user_id = {USER}",
    "role_grant": f"{AS_STAFF} or user_id = {USER}",
}


def upgrade() -> None:
    for table, rule in BEFORE.items():
        op.execute(f"alter policy fence on {table} using ({SYSTEM} or {rule})")
    for table, rule in FENCE.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"create policy fence on {table} to {ROLE} using ({SYSTEM} or {rule})")


def downgrade() -> None:
    for table in FENCE:
        op.execute(f"drop policy fence on {table}")
        op.execute(f"alter table {table} disable row level security")
