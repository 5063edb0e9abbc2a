"""The schema: every slice's api.py put together. `nhipcau schema` prints it into schema.graphql."""

import strawberry

from backend.announcements.api import AnnouncementsMutation, AnnouncementsQuery
from backend.attendance.alert_api import AlertMutation, AlertQuery
from backend.attendance.api import AttendanceMutation, AttendanceQuery
from backend.attendance.board_api import AttendanceBoardMutation, AttendanceBoardQuery
from backend.core.graphql.schema import Schema, build_schema
from backend.enrolment.api import EnrolmentMutation, EnrolmentQuery
from backend.enrolment.import_api import ImportMutation, ImportQuery
from backend.eservices.api.board import BoardQuery
from backend.eservices.api.desk import DeskMutation, DeskQuery
from backend.eservices.api.dossiers import DossierMutation, DossierQuery
from backend.eservices.api.drafts import DraftMutation, DraftQuery
from backend.eservices.api.papers import PaperQuery
from backend.eservices.api.procedures import ProcedureMutation, ProcedureQuery
from backend.eservices.api.tracking import TrackingQuery
from backend.eservices.api.transfers import TransferMutation, TransferQuery
from backend.gradebook.api import GradebookMutation, GradebookQuery
from backend.home.api import HomeQuery
from backend.identity.api import IdentityMutation, IdentityQuery
from backend.leave.api import LeaveMutation, LeaveQuery
from backend.lesson_log.api import LessonLogMutation, LessonLogQuery
from backend.organisation.api import OrganisationQuery
from backend.records.api import RecordsMutation, RecordsQuery
from backend.timetable.api import TimetableQuery
from backend.timetable.calendar_api import CalendarMutation, CalendarQuery
from backend.timetable.feed_api import CalendarFeedMutation, CalendarFeedQuery
from backend.timetable.manage_api import ManageTimetableMutation, ManageTimetableQuery
from notifications.api import NotificationMutation, NotificationQuery, NotificationSubscription


@strawberry.type
class Query(
    HomeQuery,
    NotificationQuery,
    AnnouncementsQuery,
    DraftQuery,
    PaperQuery,
    TransferQuery,
    BoardQuery,
    DeskQuery,
    TrackingQuery,
    DossierQuery,
    ProcedureQuery,
    LessonLogQuery,
    RecordsQuery,
    LeaveQuery,
    AlertQuery,
    AttendanceBoardQuery,
    AttendanceQuery,
    GradebookQuery,
    TimetableQuery,
    ManageTimetableQuery,
    CalendarFeedQuery,
    CalendarQuery,
    ImportQuery,
    EnrolmentQuery,
    IdentityQuery,
    OrganisationQuery,
):
    """Everything that can be read."""


@strawberry.type
class Mutation(
    NotificationMutation,
    AnnouncementsMutation,
    DraftMutation,
    TransferMutation,
    DeskMutation,
    DossierMutation,
    ProcedureMutation,
    LessonLogMutation,
    RecordsMutation,
    LeaveMutation,
    AlertMutation,
    AttendanceBoardMutation,
    AttendanceMutation,
    GradebookMutation,
    ManageTimetableMutation,
    CalendarFeedMutation,
    CalendarMutation,
    ImportMutation,
    EnrolmentMutation,
    IdentityMutation,
):
    """Everything that can be changed."""


@strawberry.type
class Subscription(NotificationSubscription):
    """What happens while somebody looks."""


schema: Schema = build_schema(Query, Mutation, Subscription)


def print_schema() -> str:
    """The schema as text, with the permission of every root field."""
    return schema.as_str() + "\n"
