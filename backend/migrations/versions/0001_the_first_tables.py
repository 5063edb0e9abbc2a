"""The first tables: places, people, classes, marks, announcements, notifications, journal."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_challenge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("deliver", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_sign_in_challenge_phone"), "sign_in_challenge", ["phone"], unique=False)
    op.create_table(
        "subject",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column(
            "mode",
            sa.Enum(
                "COMMENT_ONLY",
                "COMMENT_AND_MARK",
                name="assessmentmode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("PROVINCE", "COMMUNE", name="unitkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=5), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["unit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index(op.f("ix_unit_parent_id"), "unit", ["parent_id"], unique=False)
    op.create_table(
        "user",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("full_name", sa.String(), nullable=False),
        sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=True),
        sa.Column("username", sa.String(length=60), nullable=True),
        sa.Column(
            "language",
            sa.Enum("vi", "en", name="language", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "theme",
            sa.Enum(
                "SYSTEM",
                "LIGHT",
                "DARK",
                "CONTRAST",
                name="theme",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "text_size",
            sa.Enum(
                "NORMAL", "LARGE", "LARGEST", name="textsize", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("phone"),
        sa.UniqueConstraint("username"),
    )
    op.create_table(
        "credential",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id"),
    )
    op.create_table(
        "school",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "LOWER_SECONDARY", "UPPER_SECONDARY", name="level", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index(op.f("ix_school_unit_id"), "school", ["unit_id"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("device_label", sa.String(length=80), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index(op.f("ix_session_user_id"), "session", ["user_id"], unique=False)
    op.create_table(
        "subject_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "LOWER_SECONDARY", "UPPER_SECONDARY", name="level", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("periods", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("subject_id", "level", "grade"),
    )
    op.create_index(op.f("ix_subject_plan_subject_id"), "subject_plan", ["subject_id"], unique=False)
    op.create_table(
        "announcement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("body", sa.String(length=5000), nullable=False),
        sa.Column("audience", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("needs_acknowledgement", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recipient_count", sa.Integer(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["user.id"],
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_announcement_author_id"), "announcement", ["author_id"], unique=False)
    op.create_index(op.f("ix_announcement_school_id"), "announcement", ["school_id"], unique=False)
    op.create_table(
        "device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column(
            "channel",
            sa.Enum("WEBPUSH", "FCM", name="channelkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("address", sa.String(length=1000), nullable=False),
        sa.Column("p256dh", sa.LargeBinary(), nullable=True),
        sa.Column("auth", sa.LargeBinary(), nullable=True),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("last_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drop_reason", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_device_live", "device", ["user_id"], unique=False, postgresql_where=sa.text("dropped_at is null")
    )
    op.create_index(op.f("ix_device_session_id"), "device", ["session_id"], unique=False)
    op.create_index("uq_device_address", "device", ["address"], unique=True)
    op.create_table(
        "import_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "CHECKING",
                "CHECKED",
                "APPLYING",
                "APPLIED",
                "FAILED",
                name="importstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("new_count", sa.Integer(), nullable=False),
        sa.Column("changed_count", sa.Integer(), nullable=False),
        sa.Column("moved_count", sa.Integer(), nullable=False),
        sa.Column("suggested_count", sa.Integer(), nullable=False),
        sa.Column("unchanged_count", sa.Integer(), nullable=False),
        sa.Column("broken_count", sa.Integer(), nullable=False),
        sa.Column("problem", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["user.id"],
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_import_batch_created_by"), "import_batch", ["created_by"], unique=False)
    op.create_index(op.f("ix_import_batch_school_id"), "import_batch", ["school_id"], unique=False)
    op.create_table(
        "journal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("actor_user_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("audience", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("idempotency_key", sa.Uuid(), nullable=True),
        sa.Column("relayed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_user_id"],
            ["user.id"],
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_journal_school", "journal", ["school_id", "id"], unique=False)
    op.create_index(
        "ix_journal_waiting",
        "journal",
        ["id"],
        unique=False,
        postgresql_where=sa.text("audience is not null and relayed_at is null"),
    )
    op.create_index(
        "uq_journal_idempotency",
        "journal",
        ["actor_user_id", "idempotency_key"],
        unique=True,
        postgresql_where=sa.text("idempotency_key is not null"),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "GUARDIAN",
                "STUDENT",
                "SUBJECT_TEACHER",
                "HOMEROOM_TEACHER",
                "HEADTEACHER",
                "ACADEMIC_CLERK",
                "PROVINCIAL_OFFICER",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "role", "school_id", "unit_id", postgresql_nulls_not_distinct=True),
    )
    op.create_index(op.f("ix_role_grant_school_id"), "role_grant", ["school_id"], unique=False)
    op.create_index(op.f("ix_role_grant_unit_id"), "role_grant", ["unit_id"], unique=False)
    op.create_index(op.f("ix_role_grant_user_id"), "role_grant", ["user_id"], unique=False)
    op.create_table(
        "school_year",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=9), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("second_semester_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("school_id", "name"),
    )
    op.create_index(op.f("ix_school_year_school_id"), "school_year", ["school_id"], unique=False)
    op.create_table(
        "staff_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("position", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("school_id", "code"),
        sa.UniqueConstraint("school_id", "user_id"),
    )
    op.create_index(op.f("ix_staff_member_user_id"), "staff_member", ["user_id"], unique=False)
    op.create_table(
        "student",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("national_id", sa.String(length=12), nullable=True),
        sa.Column("full_name", sa.String(), nullable=False),
        sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
        sa.Column("search_key", sa.String(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column(
            "sex",
            sa.Enum("MALE", "FEMALE", "UNKNOWN", name="sex", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "STUDYING",
                "TRANSFERRED",
                "DROPPED_OUT",
                "SUSPENDED",
                "COMPLETED",
                name="studentstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("school_id", "code"),
    )
    op.create_index("ix_student_national_id", "student", ["school_id", "national_id"], unique=False)
    op.create_index(op.f("ix_student_school_id"), "student", ["school_id"], unique=False)
    op.create_index(op.f("ix_student_user_id"), "student", ["user_id"], unique=False)
    op.create_table(
        "announcement_recipient",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("announcement_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcement.id"],
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("announcement_id", "user_id"),
    )
    op.create_index(op.f("ix_announcement_recipient_school_id"), "announcement_recipient", ["school_id"], unique=False)
    op.create_index(
        "ix_announcement_recipient_user", "announcement_recipient", ["user_id", "published_at", "id"], unique=False
    )
    op.create_table(
        "claim_slip",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["user.id"],
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["student_id"],
            ["student.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_hash"),
    )
    op.create_index(op.f("ix_claim_slip_created_by"), "claim_slip", ["created_by"], unique=False)
    op.create_index(op.f("ix_claim_slip_school_id"), "claim_slip", ["school_id"], unique=False)
    op.create_index(op.f("ix_claim_slip_student_id"), "claim_slip", ["student_id"], unique=False)
    op.create_table(
        "class_group",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("school_year_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["school_year_id"],
            ["school_year.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("school_id", "school_year_id", "name"),
    )
    op.create_index(op.f("ix_class_group_school_id"), "class_group", ["school_id"], unique=False)
    op.create_index(op.f("ix_class_group_school_year_id"), "class_group", ["school_year_id"], unique=False)
    op.create_table(
        "guardian_contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column(
            "relation",
            sa.Enum(
                "FATHER", "MOTHER", "GUARDIAN", name="relation", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["student_id"],
            ["student.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("school_id", "student_id", "phone"),
    )
    op.create_index(op.f("ix_guardian_contact_student_id"), "guardian_contact", ["student_id"], unique=False)
    op.create_table(
        "import_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_import_file_batch_id"), "import_file", ["batch_id"], unique=False)
    op.create_index(op.f("ix_import_file_school_id"), "import_file", ["school_id"], unique=False)
    op.create_table(
        "import_row",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "NEW",
                "CHANGED",
                "MOVED",
                "SUGGESTED",
                "BROKEN",
                name="importrowkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("cell", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_import_row_page", "import_row", ["batch_id", "kind", "position"], unique=False)
    op.create_index(op.f("ix_import_row_school_id"), "import_row", ["school_id"], unique=False)
    op.create_table(
        "notification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("journal_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=True),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("link", sa.String(length=200), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["journal_id"],
            ["journal.id"],
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["student_id"],
            ["student.id"],
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "journal_id", "student_id", postgresql_nulls_not_distinct=True),
    )
    op.create_index("ix_notification_inbox", "notification", ["user_id", sa.literal_column("id desc")], unique=False)
    op.create_index(op.f("ix_notification_journal_id"), "notification", ["journal_id"], unique=False)
    op.create_index(op.f("ix_notification_school_id"), "notification", ["school_id"], unique=False)
    op.create_index(op.f("ix_notification_student_id"), "notification", ["student_id"], unique=False)
    op.create_index(
        "ix_notification_unread", "notification", ["user_id"], unique=False, postgresql_where=sa.text("read_at is null")
    )
    op.create_table(
        "subject_result",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("school_year_id", sa.Uuid(), nullable=False),
        sa.Column(
            "semester",
            sa.Enum("SEM1", "SEM2", "YEAR", name="semester", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("average", sa.Numeric(precision=3, scale=1), nullable=True),
        sa.Column("ruleset_id", sa.String(length=20), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["school_year_id"],
            ["school_year.id"],
        ),
        sa.ForeignKeyConstraint(
            ["student_id"],
            ["student.id"],
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("student_id", "subject_id", "school_year_id", "semester"),
    )
    op.create_index(op.f("ix_subject_result_school_id"), "subject_result", ["school_id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column(
            "lane",
            sa.Enum("URGENT", "NORMAL", "BULK", name="lane", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "PENDING",
                "SENT",
                "OPENED",
                "FAILED",
                "DROPPED",
                name="deliverystatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["notification_id"], ["notification.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("notification_id", "device_id"),
    )
    op.create_index(op.f("ix_delivery_device_id"), "delivery", ["device_id"], unique=False)
    op.create_index(
        "ix_delivery_due", "delivery", ["lane", "next_at"], unique=False, postgresql_where=sa.text("status = 'PENDING'")
    )
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("class_group_id", sa.Uuid(), nullable=False),
        sa.Column("school_year_id", sa.Uuid(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["school_year_id"],
            ["school_year.id"],
        ),
        sa.ForeignKeyConstraint(
            ["student_id"],
            ["student.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_enrolment_class_group_id"), "enrolment", ["class_group_id"], unique=False)
    op.create_index(op.f("ix_enrolment_school_year_id"), "enrolment", ["school_year_id"], unique=False)
    op.create_index(op.f("ix_enrolment_student_id"), "enrolment", ["student_id"], unique=False)
    op.create_index(
        "uq_enrolment_open",
        "enrolment",
        ["school_id", "school_year_id", "student_id"],
        unique=True,
        postgresql_where=sa.text("ended_on is null"),
    )
    op.create_table(
        "guardianship",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "relation",
            sa.Enum(
                "FATHER", "MOTHER", "GUARDIAN", name="relation", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("claim_slip_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["claim_slip_id"],
            ["claim_slip.id"],
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["student_id"],
            ["student.id"],
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_guardianship_claim_slip_id"), "guardianship", ["claim_slip_id"], unique=False)
    op.create_index(op.f("ix_guardianship_school_id"), "guardianship", ["school_id"], unique=False)
    op.create_index(op.f("ix_guardianship_student_id"), "guardianship", ["student_id"], unique=False)
    op.create_index(op.f("ix_guardianship_user_id"), "guardianship", ["user_id"], unique=False)
    op.create_index(
        "uq_guardianship_live",
        "guardianship",
        ["school_id", "student_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "homeroom",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("class_group_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("class_group_id"),
    )
    op.create_index(op.f("ix_homeroom_school_id"), "homeroom", ["school_id"], unique=False)
    op.create_index(op.f("ix_homeroom_user_id"), "homeroom", ["user_id"], unique=False)
    op.create_table(
        "score_column",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("class_group_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column(
            "semester",
            sa.Enum("SEM1", "SEM2", "YEAR", name="semester", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum("ONGOING", "MID", "END", name="columnkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("school_id", "class_group_id", "subject_id", "semester", "kind", "ordinal"),
    )
    op.create_index(op.f("ix_score_column_class_group_id"), "score_column", ["class_group_id"], unique=False)
    op.create_index(op.f("ix_score_column_subject_id"), "score_column", ["subject_id"], unique=False)
    op.create_table(
        "teaching_assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("class_group_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.id"],
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("school_id", "class_group_id", "subject_id", "user_id"),
    )
    op.create_index(
        op.f("ix_teaching_assignment_class_group_id"), "teaching_assignment", ["class_group_id"], unique=False
    )
    op.create_index(op.f("ix_teaching_assignment_subject_id"), "teaching_assignment", ["subject_id"], unique=False)
    op.create_index(op.f("ix_teaching_assignment_user_id"), "teaching_assignment", ["user_id"], unique=False)
    op.create_table(
        "score",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("column_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.Numeric(precision=3, scale=1), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "EXEMPT",
                "MAKEUP_ALLOWED",
                "MISSING_AS_ZERO",
                name="nomarkreason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("mark between 0 and 10", name="mark_range"),
        sa.CheckConstraint("mark is null or reason is null", name="mark_or_reason"),
        sa.ForeignKeyConstraint(
            ["column_id"],
            ["score_column.id"],
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"],
            ["user.id"],
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["student_id"],
            ["student.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("column_id", "student_id"),
    )
    op.create_index(
        "ix_score_published",
        "score",
        ["student_id", sa.literal_column("published_at desc"), sa.literal_column("id desc")],
        unique=False,
        postgresql_where=sa.text("published_at is not null"),
    )
    op.create_index(op.f("ix_score_school_id"), "score", ["school_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_score_school_id"), table_name="score")
    op.drop_index("ix_score_published", table_name="score", postgresql_where=sa.text("published_at is not null"))
    op.drop_table("score")
    op.drop_index(op.f("ix_teaching_assignment_user_id"), table_name="teaching_assignment")
    op.drop_index(op.f("ix_teaching_assignment_subject_id"), table_name="teaching_assignment")
    op.drop_index(op.f("ix_teaching_assignment_class_group_id"), table_name="teaching_assignment")
    op.drop_table("teaching_assignment")
    op.drop_index(op.f("ix_score_column_subject_id"), table_name="score_column")
    op.drop_index(op.f("ix_score_column_class_group_id"), table_name="score_column")
    op.drop_table("score_column")
    op.drop_index(op.f("ix_homeroom_user_id"), table_name="homeroom")
    op.drop_index(op.f("ix_homeroom_school_id"), table_name="homeroom")
    op.drop_table("homeroom")
    op.drop_index("uq_guardianship_live", table_name="guardianship", postgresql_where=sa.text("ended_at is null"))
    op.drop_index(op.f("ix_guardianship_user_id"), table_name="guardianship")
    op.drop_index(op.f("ix_guardianship_student_id"), table_name="guardianship")
    op.drop_index(op.f("ix_guardianship_school_id"), table_name="guardianship")
    op.drop_index(op.f("ix_guardianship_claim_slip_id"), table_name="guardianship")
    op.drop_table("guardianship")
    op.drop_index("uq_enrolment_open", table_name="enrolment", postgresql_where=sa.text("ended_on is null"))
    op.drop_index(op.f("ix_enrolment_student_id"), table_name="enrolment")
    op.drop_index(op.f("ix_enrolment_school_year_id"), table_name="enrolment")
    op.drop_index(op.f("ix_enrolment_class_group_id"), table_name="enrolment")
    op.drop_table("enrolment")
    op.drop_index("ix_delivery_due", table_name="delivery", postgresql_where=sa.text("status = 'PENDING'"))
    op.drop_index(op.f("ix_delivery_device_id"), table_name="delivery")
    op.drop_table("delivery")
    op.drop_index(op.f("ix_subject_result_school_id"), table_name="subject_result")
    op.drop_table("subject_result")
    op.drop_index("ix_notification_unread", table_name="notification", postgresql_where=sa.text("read_at is null"))
    op.drop_index(op.f("ix_notification_student_id"), table_name="notification")
    op.drop_index(op.f("ix_notification_school_id"), table_name="notification")
    op.drop_index(op.f("ix_notification_journal_id"), table_name="notification")
    op.drop_index("ix_notification_inbox", table_name="notification")
    op.drop_table("notification")
    op.drop_index(op.f("ix_import_row_school_id"), table_name="import_row")
    op.drop_index("ix_import_row_page", table_name="import_row")
    op.drop_table("import_row")
    op.drop_index(op.f("ix_import_file_school_id"), table_name="import_file")
    op.drop_index(op.f("ix_import_file_batch_id"), table_name="import_file")
    op.drop_table("import_file")
    op.drop_index(op.f("ix_guardian_contact_student_id"), table_name="guardian_contact")
    op.drop_table("guardian_contact")
    op.drop_index(op.f("ix_class_group_school_year_id"), table_name="class_group")
    op.drop_index(op.f("ix_class_group_school_id"), table_name="class_group")
    op.drop_table("class_group")
    op.drop_index(op.f("ix_claim_slip_student_id"), table_name="claim_slip")
    op.drop_index(op.f("ix_claim_slip_school_id"), table_name="claim_slip")
    op.drop_index(op.f("ix_claim_slip_created_by"), table_name="claim_slip")
    op.drop_table("claim_slip")
    op.drop_index("ix_announcement_recipient_user", table_name="announcement_recipient")
    op.drop_index(op.f("ix_announcement_recipient_school_id"), table_name="announcement_recipient")
    op.drop_table("announcement_recipient")
    op.drop_index(op.f("ix_student_user_id"), table_name="student")
    op.drop_index(op.f("ix_student_school_id"), table_name="student")
    op.drop_index("ix_student_national_id", table_name="student")
    op.drop_table("student")
    op.drop_index(op.f("ix_staff_member_user_id"), table_name="staff_member")
    op.drop_table("staff_member")
    op.drop_index(op.f("ix_school_year_school_id"), table_name="school_year")
    op.drop_table("school_year")
    op.drop_index(op.f("ix_role_grant_user_id"), table_name="role_grant")
    op.drop_index(op.f("ix_role_grant_unit_id"), table_name="role_grant")
    op.drop_index(op.f("ix_role_grant_school_id"), table_name="role_grant")
    op.drop_table("role_grant")
    op.drop_index(
        "uq_journal_idempotency", table_name="journal", postgresql_where=sa.text("idempotency_key is not null")
    )
    op.drop_index(
        "ix_journal_waiting",
        table_name="journal",
        postgresql_where=sa.text("audience is not null and relayed_at is null"),
    )
    op.drop_index("ix_journal_school", table_name="journal")
    op.drop_table("journal")
    op.drop_index(op.f("ix_import_batch_school_id"), table_name="import_batch")
    op.drop_index(op.f("ix_import_batch_created_by"), table_name="import_batch")
    op.drop_table("import_batch")
    op.drop_index("uq_device_address", table_name="device")
    op.drop_index(op.f("ix_device_session_id"), table_name="device")
    op.drop_index("ix_device_live", table_name="device", postgresql_where=sa.text("dropped_at is null"))
    op.drop_table("device")
    op.drop_index(op.f("ix_announcement_school_id"), table_name="announcement")
    op.drop_index(op.f("ix_announcement_author_id"), table_name="announcement")
    op.drop_table("announcement")
    op.drop_index(op.f("ix_subject_plan_subject_id"), table_name="subject_plan")
    op.drop_table("subject_plan")
    op.drop_index(op.f("ix_session_user_id"), table_name="session")
    op.drop_table("session")
    op.drop_index(op.f("ix_school_unit_id"), table_name="school")
    op.drop_table("school")
    op.drop_table("credential")
    op.drop_table("user")
    op.drop_index(op.f("ix_unit_parent_id"), table_name="unit")
    op.drop_table("unit")
    op.drop_table("subject")
    op.drop_index(op.f("ix_sign_in_challenge_phone"), table_name="sign_in_challenge")
    op.drop_table("sign_in_challenge")
