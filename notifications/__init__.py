"""Notifications: from "this happened" in the journal to a phone that rings. Nothing in backend imports this package.

The pipeline reads top to bottom, one file each:

1. `relay` takes journal rows that somebody must be told of, in order, and never the same row twice.
2. `catalogue` says what each kind of event becomes: lane, life, link, and which facts the words need.
3. `audience` finds the people in one statement and writes what each is told, with a delivery for each live device.
4. `rules` decides, purely: is it still worth sending, when to try again, when to give a device up.
5. `delivery` takes what is due in a lane, lets go of the database, sends, and writes every outcome back at once.
6. `channels` speak to the push services; they know nothing of journals, pupils or tables.

A crash between any two steps loses nothing and tells nobody twice; at worst a device is rung a second time with the
same tag, which replaces the first.
"""
