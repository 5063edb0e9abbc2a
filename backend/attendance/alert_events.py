"""What the journal can say about absence alerts, missing registers and the limit of absence.

Days and sessions are plain facts here; the words of a notification make "Monday morning" of them. No event says why a
child was away: the reason may be about health.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from backend.core.audience import Audience, AudienceKind


@dataclass(frozen=True, kw_only=True)
class _OfChild:
    """Something about one child in one session of a day; `alert_id` is where it can be answered and looked up."""

    kind: ClassVar[str]
    school_id: UUID
    alert_id: UUID
    student_id: UUID
    class_group_id: UUID
    day: date
    session: str
    period: int

    def _guardians(self, users: tuple[UUID, ...] = ()) -> Audience:
        return Audience(
            school_id=self.school_id, kinds=(AudienceKind.GUARDIANS,), students=(self.student_id,), users=users
        )


@dataclass(frozen=True, kw_only=True)
class AbsenceRaised(_OfChild):
    """A child is not where she should be today: her guardians are asked."""

    kind: ClassVar[str] = "attendance.absence_raised"

    def audience(self) -> Audience:
        return self._guardians()


@dataclass(frozen=True, kw_only=True)
class AbsenceRecorded(_OfChild):
    """An absence of a day that is over was written down later: told, not asked."""

    kind: ClassVar[str] = "attendance.absence_recorded"

    def audience(self) -> Audience:
        return self._guardians()


@dataclass(frozen=True, kw_only=True)
class AbsenceCorrected(_OfChild):
    """What the guardians were told was not so: the child is there."""

    kind: ClassVar[str] = "attendance.absence_corrected"

    def audience(self) -> Audience:
        return self._guardians()


@dataclass(frozen=True, kw_only=True)
class _ToStaff(_OfChild):
    """Told to named people of the school, who know the child by full name and class."""

    child: str
    class_name: str
    user_ids: tuple[UUID, ...]

    def audience(self) -> Audience | None:
        return Audience(school_id=self.school_id, users=self.user_ids) if self.user_ids else None


@dataclass(frozen=True, kw_only=True)
class AbsenceAnswered(_ToStaff):
    """A guardian has said why; the homeroom teacher looks at it and decides."""

    kind: ClassVar[str] = "attendance.absence_answered"


@dataclass(frozen=True, kw_only=True)
class AbsenceUnanswered(_ToStaff):
    """Nobody of the family has answered in time."""

    kind: ClassVar[str] = "attendance.absence_unanswered"


@dataclass(frozen=True, kw_only=True)
class SearchAsked(_ToStaff):
    """The family says the child must be at school: those who teach the class in this session look."""

    kind: ClassVar[str] = "attendance.search_asked"


@dataclass(frozen=True, kw_only=True)
class SearchEnded(_ToStaff):
    """The search is over, for those who were asked to look."""

    kind: ClassVar[str] = "attendance.search_ended"


@dataclass(frozen=True, kw_only=True)
class SafetyUnacknowledged(_ToStaff):
    """A search was asked for and nobody of the school has taken it on."""

    kind: ClassVar[str] = "attendance.safety_unacknowledged"


@dataclass(frozen=True, kw_only=True)
class _ToEverybody(_ToStaff):
    """Told to the guardians and to named people of the school."""

    def audience(self) -> Audience:
        return self._guardians(self.user_ids)


@dataclass(frozen=True, kw_only=True)
class SafetyRaised(_ToEverybody):
    """A guardian says the child must be at school: the search begins."""

    kind: ClassVar[str] = "attendance.safety_raised"


@dataclass(frozen=True, kw_only=True)
class SafetyAcknowledged(_ToEverybody):
    """Somebody of the school is looking for the child."""

    kind: ClassVar[str] = "attendance.safety_acknowledged"
    person: str


@dataclass(frozen=True, kw_only=True)
class SafetyClosed(_ToEverybody):
    """The search is over; `outcome` says how."""

    kind: ClassVar[str] = "attendance.safety_closed"
    outcome: str


@dataclass(frozen=True, kw_only=True)
class AbsenceClosed(_ToEverybody):
    """The school has decided about an absence without a search: with or without permission."""

    kind: ClassVar[str] = "attendance.absence_closed"
    outcome: str


@dataclass(frozen=True, kw_only=True)
class RegisterMissing:
    """The first lesson of a session began a while ago and its register has not been taken."""

    kind: ClassVar[str] = "attendance.register_missing"
    school_id: UUID
    class_group_id: UUID
    class_name: str
    day: date
    session: str
    user_ids: tuple[UUID, ...]

    def audience(self) -> Audience:
        return Audience(school_id=self.school_id, users=self.user_ids)


@dataclass(frozen=True, kw_only=True)
class RegistersMissing:
    """Registers that are still missing after the reminder, for the leaders: one message however many classes."""

    kind: ClassVar[str] = "attendance.registers_missing"
    school_id: UUID
    day: date
    session: str
    count: int
    class_names: str
    user_ids: tuple[UUID, ...]

    def audience(self) -> Audience:
        return Audience(school_id=self.school_id, users=self.user_ids)


@dataclass(frozen=True, kw_only=True)
class AbsenceLimitNear:
    """A pupil's counted half-days of the year reached `threshold`; the limit is 45 (TT 22/2021 art. 12)."""

    kind: ClassVar[str] = "attendance.absence_limit"
    school_id: UUID
    student_id: UUID
    child: str
    class_name: str
    threshold: int
    count: int
    user_ids: tuple[UUID, ...]

    def audience(self) -> Audience:
        return Audience(
            school_id=self.school_id,
            kinds=(AudienceKind.GUARDIANS,),
            students=(self.student_id,),
            users=self.user_ids,
        )
