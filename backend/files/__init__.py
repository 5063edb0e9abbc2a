"""Files people hand in and papers we make: checked, drawn anew, kept outside the web root, reached by signed links."""
