"""The ground every slice stands on: settings, database, journal, actor, problem, GraphQL plumbing."""
