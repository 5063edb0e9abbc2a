"""Load: what must hold at the hour when all schools do the same thing. Loopback only; run by hand, not by pytest."""
