"""Who is where: pupils in classes (xếp lớp), teachers on subjects (phân công), homeroom teachers (chủ nhiệm).

Also the import of the workbooks schools really have, and the slips by which guardians claim their children. `access.py`
is the one door to other people's data; `audience.py` says who an announcement or a notification reaches.
"""
