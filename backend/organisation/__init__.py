"""Places and time: province and commune (unit), school (trường), school year (năm học), class (lớp), subject (môn học).

Nothing here knows a person. A subject's number of periods a year (tiết) decides how many ongoing marks it needs.
"""
