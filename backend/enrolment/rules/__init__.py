"""Pure rules of enrolment: what a school's workbooks would change, and what in them is wrong."""

from backend.enrolment.rules.identifiers import (
    class_name_of,
    grade_of,
    is_temporary_code,
    national_id_warnings,
    pupil_status,
    role_hint,
    temporary_code,
)
from backend.enrolment.rules.pupils import ExistingPupil, PupilPlan, code_of_new_pupil, contacts_of, plan_pupils
from backend.enrolment.rules.rows import (
    AssignmentRow,
    Change,
    Contact,
    Defect,
    GuardianPhones,
    Outcome,
    PlannedRow,
    PupilRow,
    SheetRow,
    StaffRow,
)
from backend.enrolment.rules.staff import AssignmentPlan, ExistingStaff, StaffPlan, plan_assignments, plan_staff

__all__ = [
    "AssignmentPlan",
    "AssignmentRow",
    "Change",
    "Contact",
    "Defect",
    "ExistingPupil",
    "ExistingStaff",
    "GuardianPhones",
    "Outcome",
    "PlannedRow",
    "PupilPlan",
    "PupilRow",
    "SheetRow",
    "StaffPlan",
    "StaffRow",
    "class_name_of",
    "code_of_new_pupil",
    "contacts_of",
    "grade_of",
    "is_temporary_code",
    "national_id_warnings",
    "plan_assignments",
    "plan_pupils",
    "plan_staff",
    "pupil_status",
    "role_hint",
    "temporary_code",
]
