"""The fence around files, records and e-services. Procedures and office days are public."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ROLE = "nhipcau_app"

SYSTEM = "(select current_setting('app.system', true)) = 'on'"
USER = "(select nullif(current_setting('app.user', true), '')::uuid)"
IDS = "any ((select nullif(current_setting('app.{}', true), '')::uuid[])::uuid[])"
AS_STAFF = f"school_id = {IDS.format('staff')}"
AT_SCHOOL = f"school_id = {IDS.format('schools')}"
OF_STUDENT = f"student_id = {IDS.format('students')}"
READS = f"{USER} = any (readers)"

# Table → who may see and change its rows, besides our own machinery.
FENCE = {
    "stored_file": f"owner_id = {USER}",
    "upload": f"user_id = {USER}",
    "upload_piece": f"user_id = {USER}",
    "diploma": AS_STAFF,
    "diploma_correction": AS_STAFF,
    "transferred_record": f"{AS_STAFF} or {OF_STUDENT}",
    "service_window": AT_SCHOOL,
    "draft": f"owner_id = {USER} or cosigner_id = {USER}",
    "dossier": f"{AS_STAFF} or {READS}",
    "dossier_file": f"(dossier_id is not null and {AS_STAFF}) or {READS}",
    "dossier_entry": f"{AS_STAFF} or (not internal and {READS})",
    "supplement": f"{AS_STAFF} or {READS}",
    "supplement_item": f"{AS_STAFF} or {READS}",
    "paper": f"{AS_STAFF} or {READS}",
    "dossier_counter": "false",
    "dossier_reminder": "false",
    "transfer_code": f"user_id = {USER}",
    "transfer": f"{AS_STAFF} or from_school_id = {IDS.format('staff')} or {READS}",
}


def upgrade() -> None:
    for table, rule in FENCE.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"create policy fence on {table} to {ROLE} using ({SYSTEM} or {rule})")


def downgrade() -> None:
    for table in FENCE:
        op.execute(f"drop policy fence on {table}")
        op.execute(f"alter table {table} disable row level security")
