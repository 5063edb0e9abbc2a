"""The subjects of the national curriculum with their periods a year (TT 32/2018, TT 13/2022)."""
