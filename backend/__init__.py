"""Nhịp Cầu's backend: one folder per domain ("slice"), the same file names in each.

Layers, a slice imports only from lines below it (checked by import-linter, see pyproject.toml):

    backend.main · backend.worker · backend.__main__        processes
    backend.schema                                          assembles every api.py
    notifications                                           reads the journal, talks to phones
    home                                                    first screens
    gradebook · announcements                               daily life (strangers to each other)
    enrolment                                               people in places
    identity                                                people and rights
    organisation                                            places and time
    core                                                    ground
"""
