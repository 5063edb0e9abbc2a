"""Daily life: timetable, attendance, leave, the class register; and journal rows that can be withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("last_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index(
        "uq_calendar_feed_live",
        "calendar_feed",
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at is null"),
    )
    op.create_table(
        "year_frame",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=9), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("second_semester_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("unit_id", "name"),
    )
    op.create_table(
        "attendance_setting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("by_period", sa.Boolean(), nullable=False),
        sa.Column("answer_minutes", sa.Integer(), nullable=False),
        sa.Column("safety_minutes", sa.Integer(), nullable=False),
        sa.Column("reminder_minutes", sa.Integer(), nullable=False),
        sa.Column("homeroom_leave_days", sa.Integer(), nullable=False),
        sa.Column("hold_remarks", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("school_id"),
    )
    op.create_table(
        "holiday",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("HOLIDAY", "MAKE_UP", name="holidaykind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("as_weekday", sa.Integer(), nullable=True),
        sa.CheckConstraint("(kind = 'MAKE_UP') = (as_weekday is not null)", name="make_up_as_weekday"),
        sa.CheckConstraint("(unit_id is null) <> (school_id is null)", name="unit_or_school"),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_holiday_school_id"), "holiday", ["school_id"], unique=False)
    op.create_index(op.f("ix_holiday_unit_id"), "holiday", ["unit_id"], unique=False)
    op.create_table(
        "period",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column(
            "session",
            sa.Enum("MORNING", "AFTERNOON", name="halfday", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("ends_at", sa.Time(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("school_id", "session", "number"),
    )
    op.create_table(
        "room",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("school_id", "name"),
    )
    op.create_table(
        "absence_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "session",
            sa.Enum("MORNING", "AFTERNOON", name="halfday", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "SICK", "FAMILY", "OTHER", name="absencereason", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
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
    )
    op.create_index(
        "ix_absence_note_live",
        "absence_note",
        ["student_id", "day"],
        unique=False,
        postgresql_where=sa.text("revoked_at is null"),
    )
    op.create_index(op.f("ix_absence_note_school_id"), "absence_note", ["school_id"], unique=False)
    op.create_index(op.f("ix_absence_note_source_id"), "absence_note", ["source_id"], unique=False)
    op.create_table(
        "absence_warning",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("school_year_id", sa.Uuid(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
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
        sa.UniqueConstraint("student_id", "school_year_id", "threshold"),
    )
    op.create_index(op.f("ix_absence_warning_school_id"), "absence_warning", ["school_id"], unique=False)
    op.create_table(
        "timetable",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("school_year_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["school_year_id"],
            ["school_year.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("school_id", "name"),
    )
    op.create_index(op.f("ix_timetable_school_year_id"), "timetable", ["school_year_id"], unique=False)
    op.create_table(
        "absence_alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("class_group_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "session",
            sa.Enum("MORNING", "AFTERNOON", name="halfday", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "OPEN",
                "ANSWERED",
                "SAFETY",
                "CLOSED",
                "CANCELLED",
                name="alertstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("journal_id", sa.Uuid(), nullable=False),
        sa.Column("raised_by", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalations", sa.Integer(), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "SICK",
                "FAMILY",
                "SHOULD_BE_AT_SCHOOL",
                name="absenceanswer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "EXCUSED",
                "UNEXCUSED",
                "FOUND_AT_SCHOOL",
                "WITH_FAMILY",
                "FOUND_ELSEWHERE",
                "POLICE_INFORMED",
                name="alertoutcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("outcome_note", sa.String(length=300), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answered_by"],
            ["user.id"],
        ),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"],
            ["user.id"],
        ),
        sa.ForeignKeyConstraint(
            ["raised_by"],
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
    )
    op.create_index("ix_absence_alert_class", "absence_alert", ["class_group_id", "day"], unique=False)
    op.create_index(
        "ix_absence_alert_due",
        "absence_alert",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("due_at is not null"),
    )
    op.create_index(op.f("ix_absence_alert_school_id"), "absence_alert", ["school_id"], unique=False)
    op.create_index(
        "uq_absence_alert_live",
        "absence_alert",
        ["student_id", "day", "session"],
        unique=True,
        postgresql_where=sa.text("status <> 'CANCELLED'"),
    )
    op.create_table(
        "attendance_mark",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("class_group_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "session",
            sa.Enum("MORNING", "AFTERNOON", name="halfday", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "PRESENT",
                "EXCUSED",
                "UNEXCUSED",
                "LATE",
                "LEFT_EARLY",
                name="attendancestatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "SICK", "FAMILY", "OTHER", name="absencereason", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("explicit", sa.Boolean(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("operation_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(minutes is null) or status in ('LATE', 'LEFT_EARLY')", name="minutes_of_late"),
        sa.ForeignKeyConstraint(
            ["student_id"],
            ["student.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("student_id", "day", "session", "period"),
    )
    op.create_index("ix_attendance_mark_class", "attendance_mark", ["class_group_id", "day"], unique=False)
    op.create_index(
        "ix_attendance_mark_counted",
        "attendance_mark",
        ["student_id", "day"],
        unique=False,
        postgresql_where=sa.text("counted"),
    )
    op.create_index(op.f("ix_attendance_mark_school_id"), "attendance_mark", ["school_id"], unique=False)
    op.create_table(
        "attendance_operation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("class_group_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "session",
            sa.Enum("MORNING", "AFTERNOON", name="halfday", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "PRESENT",
                "EXCUSED",
                "UNEXCUSED",
                "LATE",
                "LEFT_EARLY",
                name="attendancestatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("explicit", sa.Boolean(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["student_id"],
            ["student.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_attendance_operation_cell", "attendance_operation", ["student_id", "day", "session", "period"], unique=False
    )
    op.create_table(
        "calendar_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("class_group_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("TEST", "DUE", "EVENT", name="eventkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "session",
            sa.Enum("MORNING", "AFTERNOON", name="halfday", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("period", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
        ),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["user.id"],
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
    )
    op.create_index("ix_calendar_event_class", "calendar_event", ["class_group_id", "day"], unique=False)
    op.create_index(op.f("ix_calendar_event_created_by"), "calendar_event", ["created_by"], unique=False)
    op.create_index(
        "ix_calendar_event_school",
        "calendar_event",
        ["school_id", "day"],
        unique=False,
        postgresql_where=sa.text("class_group_id is null"),
    )
    op.create_index(op.f("ix_calendar_event_subject_id"), "calendar_event", ["subject_id"], unique=False)
    op.create_table(
        "class_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("class_group_id", sa.Uuid(), nullable=False),
        sa.Column(
            "session",
            sa.Enum("MORNING", "AFTERNOON", name="halfday", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("class_group_id"),
    )
    op.create_index(op.f("ix_class_session_school_id"), "class_session", ["school_id"], unique=False)
    op.create_table(
        "closed_week",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("class_group_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"],
            ["user.id"],
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("class_group_id", "starts_on"),
    )
    op.create_index(op.f("ix_closed_week_school_id"), "closed_week", ["school_id"], unique=False)
    op.create_table(
        "leave_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("class_group_id", sa.Uuid(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column(
            "starts_session",
            sa.Enum("MORNING", "AFTERNOON", name="halfday", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column(
            "ends_session",
            sa.Enum("MORNING", "AFTERNOON", name="ends_halfday", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("half_days", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "SICK", "FAMILY", "OTHER", name="absencereason", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("detail", sa.String(length=500), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "PENDING",
                "APPROVED",
                "REFUSED",
                "WITHDRAWN",
                name="leavestatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "decider",
            sa.Enum("HOMEROOM", "HEADTEACHER", name="decider", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["user.id"],
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"],
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
    )
    op.create_index(op.f("ix_leave_request_requested_by"), "leave_request", ["requested_by"], unique=False)
    op.create_index("ix_leave_request_student", "leave_request", ["student_id", "starts_on"], unique=False)
    op.create_index(
        "ix_leave_request_waiting",
        "leave_request",
        ["school_id", "class_group_id"],
        unique=False,
        postgresql_where=sa.text("status = 'PENDING'"),
    )
    op.create_table(
        "lesson_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("class_group_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "session",
            sa.Enum("MORNING", "AFTERNOON", name="halfday", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "CANCELLED",
                "SUBSTITUTED",
                "ROOM_CHANGED",
                "ADDED",
                name="changekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
        ),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["user.id"],
        ),
        sa.ForeignKeyConstraint(
            ["room_id"],
            ["room.id"],
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
        sa.UniqueConstraint("class_group_id", "day", "session", "period"),
    )
    op.create_index("ix_lesson_change_day", "lesson_change", ["school_id", "day"], unique=False)
    op.create_index(op.f("ix_lesson_change_room_id"), "lesson_change", ["room_id"], unique=False)
    op.create_index(op.f("ix_lesson_change_subject_id"), "lesson_change", ["subject_id"], unique=False)
    op.create_index(op.f("ix_lesson_change_user_id"), "lesson_change", ["user_id"], unique=False)
    op.create_table(
        "lesson_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("class_group_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "session",
            sa.Enum("MORNING", "AFTERNOON", name="halfday", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("syllabus_number", sa.Integer(), nullable=True),
        sa.Column("content", sa.String(length=300), nullable=False),
        sa.Column("remark", sa.String(length=500), nullable=False),
        sa.Column(
            "rating",
            sa.Enum("A", "B", "C", "D", name="lessonrating", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("class_group_id", "day", "session", "period"),
    )
    op.create_index(op.f("ix_lesson_log_school_id"), "lesson_log", ["school_id"], unique=False)
    op.create_index(op.f("ix_lesson_log_subject_id"), "lesson_log", ["subject_id"], unique=False)
    op.create_index("ix_lesson_log_teacher", "lesson_log", ["user_id", "day"], unique=False)
    op.create_table(
        "register",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("class_group_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "session",
            sa.Enum("MORNING", "AFTERNOON", name="halfday", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["taken_by"],
            ["user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("class_group_id", "day", "session", "period"),
    )
    op.create_index("ix_register_day", "register", ["school_id", "day"], unique=False)
    op.create_table(
        "register_reminder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("class_group_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "session",
            sa.Enum("MORNING", "AFTERNOON", name="halfday", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "step",
            sa.Enum("TEACHER", "LEADER", name="reminderstep", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("class_group_id", "day", "session", "step"),
    )
    op.create_index(op.f("ix_register_reminder_school_id"), "register_reminder", ["school_id"], unique=False)
    op.create_table(
        "school_day",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("school_year_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("teaches", sa.Boolean(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("odd", sa.Boolean(), nullable=False),
        sa.Column("timetable_id", sa.Uuid(), nullable=True),
        sa.Column("holiday", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["school_year_id"],
            ["school_year.id"],
        ),
        sa.ForeignKeyConstraint(
            ["timetable_id"],
            ["timetable.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("school_id", "day"),
    )
    op.create_index(op.f("ix_school_day_school_year_id"), "school_day", ["school_year_id"], unique=False)
    op.create_index(op.f("ix_school_day_timetable_id"), "school_day", ["timetable_id"], unique=False)
    op.create_table(
        "timetable_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("timetable_id", sa.Uuid(), nullable=False),
        sa.Column("class_group_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column(
            "session",
            sa.Enum("MORNING", "AFTERNOON", name="halfday", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column(
            "parity",
            sa.Enum("EVERY", "ODD", "EVEN", name="weekparity", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
        ),
        sa.ForeignKeyConstraint(
            ["room_id"],
            ["room.id"],
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.id"],
        ),
        sa.ForeignKeyConstraint(["timetable_id"], ["timetable.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("timetable_id", "weekday", "session", "period", "class_group_id", "parity"),
    )
    op.create_index(op.f("ix_timetable_entry_class_group_id"), "timetable_entry", ["class_group_id"], unique=False)
    op.create_index(op.f("ix_timetable_entry_room_id"), "timetable_entry", ["room_id"], unique=False)
    op.create_index(op.f("ix_timetable_entry_school_id"), "timetable_entry", ["school_id"], unique=False)
    op.create_index(op.f("ix_timetable_entry_subject_id"), "timetable_entry", ["subject_id"], unique=False)
    op.create_index(
        "ix_timetable_entry_teacher", "timetable_entry", ["timetable_id", "user_id", "weekday"], unique=False
    )
    op.create_index(op.f("ix_timetable_entry_user_id"), "timetable_entry", ["user_id"], unique=False)
    op.create_table(
        "alert_acknowledgement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["absence_alert.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("alert_id", "user_id"),
    )
    op.create_index(op.f("ix_alert_acknowledgement_school_id"), "alert_acknowledgement", ["school_id"], unique=False)
    op.create_table(
        "leave_photo",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("leave_request_id", sa.Uuid(), nullable=True),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["leave_request_id"], ["leave_request.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["student_id"],
            ["student.id"],
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"],
            ["user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_leave_photo_leave_request_id"), "leave_photo", ["leave_request_id"], unique=False)
    op.create_index(op.f("ix_leave_photo_school_id"), "leave_photo", ["school_id"], unique=False)
    op.create_index(op.f("ix_leave_photo_student_id"), "leave_photo", ["student_id"], unique=False)
    op.create_table(
        "lesson_remark",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_log_id", sa.Uuid(), nullable=False),
        sa.Column("class_group_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("PRAISE", "CONCERN", name="remarkkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.Uuid(), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["user.id"],
        ),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
        ),
        sa.ForeignKeyConstraint(["lesson_log_id"], ["lesson_log.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["released_by"],
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
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_lesson_remark_held",
        "lesson_remark",
        ["class_group_id"],
        unique=False,
        postgresql_where=sa.text("released_at is null and dropped_at is null"),
    )
    op.create_index(op.f("ix_lesson_remark_lesson_log_id"), "lesson_remark", ["lesson_log_id"], unique=False)
    op.create_index(op.f("ix_lesson_remark_school_id"), "lesson_remark", ["school_id"], unique=False)
    op.create_index("ix_lesson_remark_student", "lesson_remark", ["student_id", "created_at"], unique=False)
    op.add_column("journal", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("journal", "withdrawn_at")
    op.drop_index("ix_lesson_remark_student", table_name="lesson_remark")
    op.drop_index(op.f("ix_lesson_remark_school_id"), table_name="lesson_remark")
    op.drop_index(op.f("ix_lesson_remark_lesson_log_id"), table_name="lesson_remark")
    op.drop_index(
        "ix_lesson_remark_held",
        table_name="lesson_remark",
        postgresql_where=sa.text("released_at is null and dropped_at is null"),
    )
    op.drop_table("lesson_remark")
    op.drop_index(op.f("ix_leave_photo_student_id"), table_name="leave_photo")
    op.drop_index(op.f("ix_leave_photo_school_id"), table_name="leave_photo")
    op.drop_index(op.f("ix_leave_photo_leave_request_id"), table_name="leave_photo")
    op.drop_table("leave_photo")
    op.drop_index(op.f("ix_alert_acknowledgement_school_id"), table_name="alert_acknowledgement")
    op.drop_table("alert_acknowledgement")
    op.drop_index(op.f("ix_timetable_entry_user_id"), table_name="timetable_entry")
    op.drop_index("ix_timetable_entry_teacher", table_name="timetable_entry")
    op.drop_index(op.f("ix_timetable_entry_subject_id"), table_name="timetable_entry")
    op.drop_index(op.f("ix_timetable_entry_school_id"), table_name="timetable_entry")
    op.drop_index(op.f("ix_timetable_entry_room_id"), table_name="timetable_entry")
    op.drop_index(op.f("ix_timetable_entry_class_group_id"), table_name="timetable_entry")
    op.drop_table("timetable_entry")
    op.drop_index(op.f("ix_school_day_timetable_id"), table_name="school_day")
    op.drop_index(op.f("ix_school_day_school_year_id"), table_name="school_day")
    op.drop_table("school_day")
    op.drop_index(op.f("ix_register_reminder_school_id"), table_name="register_reminder")
    op.drop_table("register_reminder")
    op.drop_index("ix_register_day", table_name="register")
    op.drop_table("register")
    op.drop_index("ix_lesson_log_teacher", table_name="lesson_log")
    op.drop_index(op.f("ix_lesson_log_subject_id"), table_name="lesson_log")
    op.drop_index(op.f("ix_lesson_log_school_id"), table_name="lesson_log")
    op.drop_table("lesson_log")
    op.drop_index(op.f("ix_lesson_change_user_id"), table_name="lesson_change")
    op.drop_index(op.f("ix_lesson_change_subject_id"), table_name="lesson_change")
    op.drop_index(op.f("ix_lesson_change_room_id"), table_name="lesson_change")
    op.drop_index("ix_lesson_change_day", table_name="lesson_change")
    op.drop_table("lesson_change")
    op.drop_index(
        "ix_leave_request_waiting", table_name="leave_request", postgresql_where=sa.text("status = 'PENDING'")
    )
    op.drop_index("ix_leave_request_student", table_name="leave_request")
    op.drop_index(op.f("ix_leave_request_requested_by"), table_name="leave_request")
    op.drop_table("leave_request")
    op.drop_index(op.f("ix_closed_week_school_id"), table_name="closed_week")
    op.drop_table("closed_week")
    op.drop_index(op.f("ix_class_session_school_id"), table_name="class_session")
    op.drop_table("class_session")
    op.drop_index(op.f("ix_calendar_event_subject_id"), table_name="calendar_event")
    op.drop_index(
        "ix_calendar_event_school", table_name="calendar_event", postgresql_where=sa.text("class_group_id is null")
    )
    op.drop_index(op.f("ix_calendar_event_created_by"), table_name="calendar_event")
    op.drop_index("ix_calendar_event_class", table_name="calendar_event")
    op.drop_table("calendar_event")
    op.drop_index("ix_attendance_operation_cell", table_name="attendance_operation")
    op.drop_table("attendance_operation")
    op.drop_index(op.f("ix_attendance_mark_school_id"), table_name="attendance_mark")
    op.drop_index("ix_attendance_mark_counted", table_name="attendance_mark", postgresql_where=sa.text("counted"))
    op.drop_index("ix_attendance_mark_class", table_name="attendance_mark")
    op.drop_table("attendance_mark")
    op.drop_index(
        "uq_absence_alert_live", table_name="absence_alert", postgresql_where=sa.text("status <> 'CANCELLED'")
    )
    op.drop_index(op.f("ix_absence_alert_school_id"), table_name="absence_alert")
    op.drop_index("ix_absence_alert_due", table_name="absence_alert", postgresql_where=sa.text("due_at is not null"))
    op.drop_index("ix_absence_alert_class", table_name="absence_alert")
    op.drop_table("absence_alert")
    op.drop_index(op.f("ix_timetable_school_year_id"), table_name="timetable")
    op.drop_table("timetable")
    op.drop_index(op.f("ix_absence_warning_school_id"), table_name="absence_warning")
    op.drop_table("absence_warning")
    op.drop_index(op.f("ix_absence_note_source_id"), table_name="absence_note")
    op.drop_index(op.f("ix_absence_note_school_id"), table_name="absence_note")
    op.drop_index("ix_absence_note_live", table_name="absence_note", postgresql_where=sa.text("revoked_at is null"))
    op.drop_table("absence_note")
    op.drop_table("room")
    op.drop_table("period")
    op.drop_index(op.f("ix_holiday_unit_id"), table_name="holiday")
    op.drop_index(op.f("ix_holiday_school_id"), table_name="holiday")
    op.drop_table("holiday")
    op.drop_table("attendance_setting")
    op.drop_table("year_frame")
    op.drop_index("uq_calendar_feed_live", table_name="calendar_feed", postgresql_where=sa.text("revoked_at is null"))
    op.drop_table("calendar_feed")
