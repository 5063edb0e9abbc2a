"""Announcements (thông báo): staff write to a school, a grade, a class or a role; families read and may be asked to
acknowledge ("Đã đọc"); the sender sees who has and reminds the rest. Recipients are fixed when it is sent.
"""
