"""A bare caller of the server's endpoints, for its own tests."""

import json
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from tests.servers.hubspot import HubSpotServer

DEALS = "/crm/objects/2026-09/deals"


@dataclass(frozen=True)
class Reply:
    """What came back: `body` is JSON, or a text."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> list[int]:
        """The ids of its records, in order."""
        return [int(r["id"]) for r in self.body["results"]]

    def values(self, name: str) -> list[str | None]:
        """One property of its records, in order."""
        return [r["properties"][name] for r in self.body["results"]]


@dataclass
class Caller:
    """Calls one server over one connection."""

    server: HubSpotServer
    token: str = ""

    def __post_init__(self) -> None:
        self.token = self.server.token
        self._connection = HTTPConnection(urlsplit(self.server.url).netloc, timeout=10)

    def __call__(self, method: str, path: str, body: Any = None) -> Reply:
        """One request."""
        text = None if body is None else json.dumps(body)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            self._connection.request(method, path, text, headers)
            answer = self._connection.getresponse()
            found = answer.read().decode()
        except Exception:
            self._connection.close()
            raise
        is_json = "json" in answer.headers.get("Content-Type", "")
        parsed = json.loads(found) if is_json else found
        return Reply(answer.status, parsed, dict(answer.headers))

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()

    def search(self, *filters: tuple[str, str, Any], **more: Any) -> Reply:
        """A search for deals with one group of filters."""
        group = {"filters": [_filter(*f) for f in filters]}
        groups = [group] if filters else []
        return self("POST", f"{DEALS}/search", {"filterGroups": groups, **more})

    def read(self, *ids: object, archived: bool = False, **more: Any) -> Reply:
        """A batch read of deals."""
        path = f"{DEALS}/batch/read" + "?archived=true" * archived
        return self("POST", path, {"inputs": [{"id": str(i)} for i in ids], **more})

    def update(self, *changes: tuple[object, dict[str, Any]]) -> Reply:
        """A batch update of deals."""
        inputs = [{"id": str(i), "properties": values} for i, values in changes]
        return self("POST", f"{DEALS}/batch/update", {"inputs": inputs})


def _filter(name: str, operator: str, value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        return {"propertyName": name, "operator": operator, "values": value}
    return {"propertyName": name, "operator": operator, "value": str(value)}
