"""E-services: procedures as data, dossiers of citizens, and the office's working-day clock (domain.md §4)."""
