"""First screens (Hôm nay): one read per role, made of what the slices below already know. No tables, no actions."""
