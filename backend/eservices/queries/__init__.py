"""What actions, rules and papers have to know. What screens read is declared in `api`."""
