"""What the cells of a drawn timetable say: subject, teacher and room found among the school's own, or a defect.

Written as schools do: "Toán - Hoa", "Toán (Nguyễn Thị Hoa) P.201", the teacher on a line of her own, and
"Toán - Hoa / Tin - Nam" for odd and even weeks. Pure: the school comes in as a `Catalogue`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from backend.core.ids import new_id
from backend.core.text import given_name, search_key, squeeze
from backend.timetable.rules import Entry, Slot, clashes
from backend.timetable.workbook_rows import Cell, Defect, Drawn

LONGEST_ROOM: Final = 30
MOST_ROOMS: Final = 200
_NOTHING: Final = frozenset({"", "-", "–", "—"})
_WEEKS: Final = re.compile(r"(?:^|\s)/(?:\s|$)")
_CUT: Final = re.compile(r"\n|\s*[-–—]\s*|\s*[(\[]")
_IN_BRACKETS: Final = re.compile(r"\(([^()]*)\)(.*)", re.DOTALL)
_ENDS_IN_BRACKETS: Final = re.compile(r"(.+?)\s*[(\[]([^()\[\]]+)[)\]]", re.DOTALL)
_NEXT: Final = re.compile(r"\n|\s[-–—]\s|,|;")
_ROOM: Final = re.compile(r"(?:p|ph|phong)[. ]*\w*\d\w*")
_ADDRESSED: Final = re.compile(r"^(?:co|thay) (?=\S)")
_EDGES: Final = " \n-–—,;@"
# How schools write subjects of the 2018 curriculum, and what was several subjects before it; which of two is meant
# follows from the class's plan.
_ALSO: Final[Mapping[str, tuple[str, ...]]] = {
    "ngu_van": ("van",),
    "ngoai_ngu_1": ("tieng anh", "anh", "anh van", "ngoai ngu"),
    "giao_duc_cong_dan": ("cong dan",),
    "lich_su_dia_li": ("lich su", "dia li", "su", "dia", "ls dl", "ls&dl", "lich su dia li"),
    "lich_su": ("su",),
    "dia_li": ("dia",),
    "khoa_hoc_tu_nhien": ("vat li", "hoa hoc", "sinh hoc", "li", "hoa", "sinh"),
    "vat_li": ("li",),
    "hoa_hoc": ("hoa",),
    "sinh_hoc": ("sinh",),
    "giao_duc_kinh_te_phap_luat": ("gdktpl", "ktpl", "gdkt&pl"),
    "giao_duc_quoc_phong_an_ninh": ("gdqp", "gdqpan", "quoc phong"),
    "giao_duc_the_chat": ("the duc", "td"),
    "tin_hoc": ("tin",),
    "cong_nghe": ("cn",),
    "hoat_dong_trai_nghiem": (
        "hdtn", "hdtnhn", "hdtn hn", "trai nghiem", "chao co", "sinh hoat duoi co", "shdc", "sinh hoat lop", "shl",
    ),
    "giao_duc_dia_phuong": ("gddp", "giao duc dia phuong"),
}  # fmt: skip


@dataclass(frozen=True)
class KnownClass:
    id: UUID
    name: str
    planned: frozenset[UUID]
    """The subjects that the curriculum has for its level and grade."""


@dataclass(frozen=True)
class KnownSubject:
    id: UUID
    code: str
    name: str


@dataclass(frozen=True)
class KnownTeacher:
    id: UUID
    full_name: str
    code: str


@dataclass(frozen=True)
class Written:
    """One lesson of a cell, in its own words."""

    subject: str
    teacher: str
    room: str


def subject_key(text: str) -> str:
    """Without case, diacritics and spaces' number, and with y as i: "Vật lý" and "vat li" are one."""
    return " ".join(re.sub(r"[^0-9a-z&]+", " ", search_key(text)).split()).replace("y", "i")


class Catalogue:
    """What a school has, by the names people use."""

    def __init__(
        self,
        classes: Mapping[str, KnownClass],
        subjects: Iterable[KnownSubject],
        teachers: Iterable[KnownTeacher],
        assigned: Mapping[tuple[UUID, UUID], tuple[UUID, ...]],
        rooms: Mapping[str, UUID],
    ) -> None:
        self.classes = classes
        self.rooms = dict(rooms)
        self.teachers = {teacher.id: teacher for teacher in teachers}
        self._assigned = assigned
        self._subjects: defaultdict[str, dict[UUID, KnownSubject]] = defaultdict(dict)
        for subject in subjects:
            for key in _subject_keys(subject):
                self._subjects[key][subject.id] = subject
        self._names: defaultdict[str, list[KnownTeacher]] = defaultdict(list)
        self._codes: defaultdict[str, list[KnownTeacher]] = defaultdict(list)
        for teacher in self.teachers.values():
            self._names[search_key(teacher.full_name)].append(teacher)
            if teacher.code:
                self._codes[teacher.code.casefold()].append(teacher)

    def knows_subject(self, text: str) -> bool:
        return subject_key(text) in self._subjects

    def subjects_of(self, class_group: KnownClass, text: str) -> list[KnownSubject]:
        """Those a class may mean by this name: the planned ones, and only without any such the others."""
        found = list(self._subjects.get(subject_key(text), {}).values())
        return [subject for subject in found if subject.id in class_group.planned] or found

    def teachers_of(self, class_id: UUID, subject_id: UUID, text: str) -> list[KnownTeacher]:
        """Whom a name means: among those assigned to class and subject first, then at the school, then a staff code.

        Nobody named: those assigned.
        """
        assigned = [self.teachers[i] for i in self._assigned.get((class_id, subject_id), ()) if i in self.teachers]
        if not text:
            return assigned
        key = _ADDRESSED.sub("", search_key(text))
        for known in (
            [t for t in assigned if search_key(t.full_name) == key],
            [t for t in assigned if search_key(given_name(t.full_name)) == key],
        ):
            if known:
                return _narrowed(known, text)
        return _narrowed(self._names.get(key, []), text) or self._codes.get(squeeze(text).casefold(), [])


def _narrowed(teachers: list[KnownTeacher], text: str) -> list[KnownTeacher]:
    """Of several whose names differ in diacritics only, those written exactly so."""
    exact = [t for t in teachers if t.full_name.casefold() == squeeze(text).casefold()]
    return exact or teachers


def _subject_keys(subject: KnownSubject) -> set[str]:
    name = subject_key(subject.name)
    keys = {name, subject_key(subject.code.replace("_", " ")), *map(subject_key, _ALSO.get(subject.code, ()))}
    if inner := re.search(r"\((.+)\)", subject.name):
        keys.add(subject_key(inner[1]))
    initials = "".join(word[0] for word in name.split())
    return {*keys, initials} if len(initials) > 2 else keys


def room_key(name: str) -> str:
    return squeeze(name).casefold()


def read_lesson(text: str, catalogue: Catalogue) -> Written:
    """Subject, teacher and room of one lesson; the longest beginning that is a known subject is the subject."""
    cuts = [len(text), *(match.start() for match in reversed(list(_CUT.finditer(text))))]
    known = (cut for cut in cuts if catalogue.knows_subject(text[:cut]))
    cut = next(known, cuts[-1])
    teacher, room = _teacher_and_room(text[cut:].strip())
    if not room and _ROOM.fullmatch(search_key(teacher)):
        teacher, room = "", teacher
    return Written(squeeze(text[:cut]), squeeze(teacher), squeeze(room))


def _teacher_and_room(rest: str) -> tuple[str, str]:
    if rest.startswith("["):
        return "", _bare(rest)
    if match := _IN_BRACKETS.fullmatch(rest):
        return match[1], _bare(match[2])
    rest = rest.lstrip(_EDGES)
    match = _ENDS_IN_BRACKETS.fullmatch(rest)
    if match and not _NEXT.search(match[1]):
        return _bare(match[1]), match[2]
    teacher, *room = _NEXT.split(rest, maxsplit=1)
    return _bare(teacher), _bare(room[0]) if room else ""


def _bare(text: str) -> str:
    """Without the marks that set it off from its neighbours, and without brackets around all of it."""
    text = text.strip(_EDGES)
    return text[1:-1].strip(_EDGES) if text[:1] in ("[", "(") and text[-1:] in ("]", ")") else text


@dataclass
class Planned:
    """The lessons a workbook comes to, and all that is wrong with it; the rooms it names for the first time."""

    entries: list[Entry] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    new_rooms: dict[str, UUID] = field(default_factory=dict)


def plan_lessons(drawn: Drawn, catalogue: Catalogue) -> Planned:
    """Every cell read, every defect told, and clashes with the cell of the other lesson."""
    planned = Planned(defects=list(drawn.defects))
    planned.defects += [
        Defect("timetable_import.class_unknown", column.address, {"name": column.name})
        for column in drawn.columns
        if column.key not in catalogue.classes
    ]
    cells: dict[int, str] = {}
    for cell in drawn.cells:
        class_group = catalogue.classes.get(cell.class_key)
        if class_group is None:
            continue  # its title was told
        for parity, text in _weeks(cell, planned):
            entry = _entry(cell, parity, read_lesson(text, catalogue), class_group, catalogue, planned)
            if entry is not None:
                cells[id(entry)] = cell.address
                planned.entries.append(entry)
    _tell_clashes(planned, cells, catalogue)
    return planned


def _weeks(cell: Cell, planned: Planned) -> list[tuple[str, str]]:
    """The lesson of every week, or that of odd and that of even weeks."""
    parts = [part.strip() for part in _WEEKS.split(cell.text)]
    if len(parts) > 2:
        planned.defects.append(Defect("timetable_import.unreadable", cell.address, {"text": cell.text}))
        return []
    parities = ("EVERY",) if len(parts) == 1 else ("ODD", "EVEN")
    return [(parity, part) for parity, part in zip(parities, parts, strict=True) if part not in _NOTHING]


def _entry(
    cell: Cell, parity: str, written: Written, class_group: KnownClass, catalogue: Catalogue, planned: Planned
) -> Entry | None:
    def wrong(code: str, **params: object) -> None:
        planned.defects.append(Defect(f"timetable_import.{code}", cell.address, params))

    subjects = catalogue.subjects_of(class_group, written.subject)
    if len(subjects) != 1:
        wrong("subject_ambiguous" if subjects else "subject_unknown", text=written.subject)
        return None
    teachers = catalogue.teachers_of(class_group.id, subjects[0].id, written.teacher)
    if len(teachers) != 1 and written.teacher:
        wrong("teacher_ambiguous" if teachers else "teacher_unknown", text=written.teacher)
    elif len(teachers) != 1:
        wrong("teacher_which" if teachers else "teacher_missing", subject=subjects[0].name, name=class_group.name)
    room = _room(written.room, catalogue, planned)
    if written.room and room is None:
        wrong(
            "room_name" if len(written.room) > LONGEST_ROOM else "too_many_rooms", longest=LONGEST_ROOM, most=MOST_ROOMS
        )
    if len(teachers) != 1:
        return None
    slot = Slot(cell.weekday, cell.session, cell.period, parity)
    return Entry(slot, class_group.id, subjects[0].id, teachers[0].id, room)


def _room(name: str, catalogue: Catalogue, planned: Planned) -> UUID | None:
    """The room of this name; one that the school does not have yet is made."""
    key = room_key(name)
    if not name or key in catalogue.rooms:
        return catalogue.rooms.get(key)
    if len(name) > LONGEST_ROOM or len(catalogue.rooms) >= MOST_ROOMS:
        return None
    catalogue.rooms[key] = planned.new_rooms[name] = new_id()
    return catalogue.rooms[key]


def _tell_clashes(planned: Planned, cells: Mapping[int, str], catalogue: Catalogue) -> None:
    for clash in clashes(planned.entries):
        params: dict[str, object] = {"other": cells[id(clash.other)]}
        if clash.over == "teacher":
            params["teacher"] = catalogue.teachers[clash.entry.user_id].full_name
        planned.defects.append(Defect(f"timetable_import.{clash.over}_busy", cells[id(clash.entry)], params))
