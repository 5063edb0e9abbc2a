"""GraphQL of e-services."""
