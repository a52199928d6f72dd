"""Which scope each kind of call needs, and what for: HubSpot does not always say it itself.

Source: the public spec collection, folders 2026-09 (`security` of each operation).
"""

from scheduler.core.words.labels import Label

_OBJECTS = {
    "deals": Label("reading and writing deals"),
    "companies": Label("reading companies"),
    "contracts": Label("reading contracts"),
    "line_items": Label("reading line items"),
    "quotes": Label("reading quotes"),
}
_TYPES = {
    "0-3": "deals",
    "0-2": "companies",
    "0-721": "contracts",
    "0-8": "line_items",
    "0-14": "quotes",
}


def needed(method: str, path: str, *, writes: bool) -> tuple[tuple[str, ...], Label]:
    """The scopes of a call and what they are for.

    >>> needed("GET", "/crm/owners/2026-09", writes=False)[0]
    ('crm.objects.owners.read',)
    """
    parts = [part for part in path.split("/") if part]
    area = parts[1] if len(parts) > 1 else ""
    named = parts[3] if len(parts) > 3 else "deals"
    if area == "associations" and len(parts) > 4:
        named = parts[4]  # what the deals, which are read already, are linked with
    kind = _TYPES.get(named, named)
    verb = "write" if writes else "read"
    match area:
        case "objects" | "associations":
            purpose = _OBJECTS.get(kind, Label("reading linked records"))
            return (f"crm.objects.{kind}.{verb}",), purpose
        case "owners":
            return ("crm.objects.owners.read",), Label("reading the owners of deals")
        case "pipelines" if not writes:
            return ("crm.objects.deals.read",), Label("reading pipelines and stages")
        case "pipelines":
            return ("crm.schemas.deals.write",), Label(
                "making and removing pipelines and stages (--create, --remove)"
            )
        case "properties" if writes:
            return (f"crm.schemas.{kind}.write",), Label(
                "making and removing our properties (--create, --remove)"
            )
        case "properties" | "property-validations":
            return (f"crm.schemas.{kind}.read",), Label("reading the list of properties")
    return ("oauth",), Label("reading the account ({method} {path})", method=method, path=path)
