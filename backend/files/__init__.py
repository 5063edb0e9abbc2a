"""Files: photos and papers that people send and that we make: checked, drawn anew, kept outside the web root.

Upload (tệp đang gửi) → StoredFile (tệp đã nhận). A file comes in by the tus protocol, piece by piece; its bytes decide
what it is. It is reached by signed links that live five minutes. Other slices keep a `stored_file_id`.
"""
