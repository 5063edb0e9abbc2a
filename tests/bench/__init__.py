"""Measures speed against the targets of the project: `python -m tests.bench`, or `python -m tests.bench P1 P9`.

Every ratio compares two things of one run, taken in turn, medians of three; so it holds on any machine, and a busy one
disturbs both sides alike. Load goes to this machine only. Nothing of the bench is left running or lying about.
"""
