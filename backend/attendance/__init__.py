"""Who was there: roll call (điểm danh), absent with and without permission (có phép, không phép), absence alert.

A register is taken per class and session (buổi), optionally per period. What a device sends is one operation per pupil;
operations are history and never change, the mark is what they come to (`rules/merge.py`), with leave laid over it.
An unexpected absence raises an alert that lives until somebody knows where the child is.
"""
