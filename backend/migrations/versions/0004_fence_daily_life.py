"""The fence around timetable, attendance, leave and the class register."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROLE = "nhipcau_app"

SYSTEM = "(select current_setting('app.system', true)) = 'on'"
USER = "(select nullif(current_setting('app.user', true), '')::uuid)"
AT_SCHOOL = "school_id = any ((select nullif(current_setting('app.schools', true), ''))::uuid[])"
AS_STAFF = "school_id = any ((select nullif(current_setting('app.staff', true), ''))::uuid[])"
OF_STUDENT = "student_id = any ((select nullif(current_setting('app.students', true), ''))::uuid[])"

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


def upgrade() -> None:
    for table, rule in FENCE.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"create policy fence on {table} to {ROLE} using ({SYSTEM} or {rule})")


def downgrade() -> None:
    for table in FENCE:
        op.execute(f"drop policy fence on {table}")
        op.execute(f"alter table {table} disable row level security")
