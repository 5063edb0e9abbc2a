"""The fence: the application's role, and row-level security on every table of a school or a person.

The five settings are set by `backend.core.db` inside each transaction or statement. Without them every policy is false:
a query that forgets its scope returns nothing. `(select …)` makes PostgreSQL evaluate a setting once per statement.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROLE = "nhipcau_app"

SYSTEM = "(select current_setting('app.system', true)) = 'on'"
USER = "(select nullif(current_setting('app.user', true), '')::uuid)"
AT_SCHOOL = "school_id = any ((select nullif(current_setting('app.schools', true), ''))::uuid[])"
AS_STAFF = "school_id = any ((select nullif(current_setting('app.staff', true), ''))::uuid[])"
OF_STUDENT = "student_id = any ((select nullif(current_setting('app.students', true), ''))::uuid[])"

# Table → who may see and change its rows, besides our own machinery.
FENCE = {
    "school_year": AT_SCHOOL,
    "class_group": AT_SCHOOL,
    "teaching_assignment": AT_SCHOOL,
    "homeroom": AT_SCHOOL,
    "score_column": AT_SCHOOL,
    "student": f"{AS_STAFF} or {OF_STUDENT.replace('student_id', 'id')}",
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
    "notification": f"user_id = {USER}",
    "device": f"user_id = {USER}",
    "delivery": "false",
    "role_grant": f"{AS_STAFF} or user_id = {USER}",
}


def upgrade() -> None:
    op.execute(
        f"do $$ begin create role {ROLE} nologin; exception when duplicate_object or unique_violation then null; end $$"
    )
    op.execute(f"do $$ begin execute format('grant {ROLE} to %I', current_user); end $$")
    op.execute(f"grant usage on schema public to {ROLE}")
    op.execute(f"grant select, insert, update, delete on all tables in schema public to {ROLE}")
    op.execute(f"alter default privileges in schema public grant select, insert, update, delete on tables to {ROLE}")
    op.execute(f"revoke all on alembic_version from {ROLE}")
    op.execute(f"revoke delete on journal from {ROLE}")
    for table, rule in FENCE.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"create policy fence on {table} to {ROLE} using ({SYSTEM} or {rule})")
    # The journal is written by everybody in their own name; others' rows are read by our machinery alone.
    op.execute("alter table journal enable row level security")
    op.execute(f"create policy fence on journal to {ROLE} using ({SYSTEM})")
    op.execute(
        f"create policy own on journal for insert to {ROLE} with check (actor_user_id is not distinct from {USER})"
    )
    op.execute(f"create policy own_read on journal for select to {ROLE} using (actor_user_id = {USER})")


def downgrade() -> None:
    op.execute("drop policy own on journal")
    op.execute("drop policy own_read on journal")
    for table in (*FENCE, "journal"):
        op.execute(f"drop policy fence on {table}")
        op.execute(f"alter table {table} disable row level security")
    op.execute(f"alter default privileges in schema public revoke select, insert, update, delete on tables from {ROLE}")
    op.execute(f"revoke all on all tables in schema public from {ROLE}")
    op.execute(f"revoke usage on schema public from {ROLE}")
