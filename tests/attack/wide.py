"""A selection of everything a type has, two steps deep: for asking an operation without caring what it answers."""

from graphql import GraphQLObjectType, GraphQLUnionType, get_named_type, is_leaf_type


def wide_selection(target: GraphQLObjectType | GraphQLUnionType, depth: int = 2) -> str:
    """`{ … }` with every leaf, and the objects below while `depth` lasts. Fields that need arguments are left out."""
    if isinstance(target, GraphQLUnionType):
        parts = (f"... on {kind.name} {wide_selection(kind, depth)}" for kind in target.types)
        return "{ __typename " + " ".join(parts) + " }"
    fields = ["__typename"]
    for name, field in target.fields.items():
        inner = get_named_type(field.type)
        if any(argument.default_value is None and "!" in str(argument.type) for argument in field.args.values()):
            continue
        if is_leaf_type(inner):
            fields.append(name)
        elif depth and isinstance(inner, GraphQLObjectType | GraphQLUnionType):
            fields.append(f"{name} {wide_selection(inner, depth - 1)}")
    return "{ " + " ".join(fields) + " }"
