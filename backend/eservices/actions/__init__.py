"""One use case each, in one transaction with its line in the journal: filing, following, the desk, the clock."""
