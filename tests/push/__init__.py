"""Local push services and stock browsers, so that a push can be followed from our server to a desktop, offline."""
