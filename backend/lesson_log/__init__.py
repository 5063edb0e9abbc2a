"""The class register (sổ ghi đầu bài): what was taught in each lesson, how it went, signed by its teacher.

Mandatory by TT 15/2026 art. 21; the electronic form replaces paper. The homeroom teacher closes the week.
"""
