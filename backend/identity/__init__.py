"""People and rights: user, pupil (học sinh), guardian (phụ huynh), role, session, one-time code, claim slip.

A guardian has no password: a slip from the school links the child, a one-time code proves the phone. Staff sign in
with user name and password. Family rights follow from guardianship; staff rights from role grants at a school.
"""
