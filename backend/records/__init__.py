"""Records that outlive a school year: the register of diplomas, and what came with a pupil from another school."""
