"""The official gradebook (sổ điểm điện tử): mark columns (ĐĐGtx, giữa kì, cuối kì), marks, averages by TT 22/2021.

Words: cột điểm = score column, điểm = mark, điểm trung bình môn = subject average, công bố = publish. A mark is not
visible to a family before its column is published; averages are stored when marks are published, not when read.
"""
