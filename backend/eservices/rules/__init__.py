"""Rules of e-services: states, deadlines, forms, definitions. Pure."""
