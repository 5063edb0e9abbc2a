"""Rules of attendance, pure: merging what devices say, half-days that count, patterns of absence, alerts."""
