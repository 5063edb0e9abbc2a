"""When a class learns what, with whom and where: period (tiết), session (buổi), timetable (thời khóa biểu), holiday.

A `Timetable` holds weekly entries and applies from a day on, until the next published one. `SchoolDay` says of every
calendar day of a school whether it teaches, as which weekday, in which week and by which timetable; a dated lesson is
an entry met on such a day, over which a `LessonChange` may lie (`lessons.py`). The department sets terms and holidays
once; every school below inherits them.
"""
