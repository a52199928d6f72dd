"""What goes back over the wire: answers, and refusals in HubSpot's shapes.

Always holds: an error's body is `status, message, correlationId, category` and sometimes `errors`,
`context`, `links` [H] docs/api-reference/error-handling; every one of them may be missing in
reality, so faults leave them out.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `body` None is none at all, a text is HTML."""

    status: int = 200
    body: Json | str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class RefusedError(Exception):
    """A request, or one input of a batch, is refused."""

    def __init__(
        self,
        status: int,
        category: str,
        message: str,
        *,
        errors: Sequence[Json] = (),
        context: Json | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.category = category
        self.message = message
        self.errors = list(errors)
        self.context = context or {}
        self.more = more

    def body(self, correlation: str) -> Json:
        """The answer's body."""
        found: Json = {
            "status": "error",
            "message": self.message,
            "correlationId": correlation,
            "category": self.category,
            **self.more,
        }
        if self.errors:
            found["errors"] = self.errors
        if self.context:
            found["context"] = self.context
        return found

    def as_input_error(self, ids: Sequence[str], trace: str | None) -> Json:
        """The same as one of the `errors` of a 207. [S] StandardError; the trace id comes back in
        the context [H] docs/api-reference/error-handling."""
        context = {**self.context, "ids": list(ids)}
        if trace is not None:
            context["objectWriteTraceId"] = [trace]
        return {
            "status": "error",
            "category": self.category,
            "message": self.message,
            "context": context,
            "errors": self.errors,
            "links": {},
        }


def invalid(message: str, **more: Any) -> RefusedError:
    """400 VALIDATION_ERROR."""
    return RefusedError(400, "VALIDATION_ERROR", message, **more)


def not_found(ids: Sequence[str], message: str = "Could not get some objects") -> RefusedError:
    """404 OBJECT_NOT_FOUND; in a batch all missing ids come in one error of a 207.
    [I] HubSpot/hubspot-api-php#619"""
    return RefusedError(404, "OBJECT_NOT_FOUND", message, context={"ids": list(ids)})


def bad_values(faults: Sequence[tuple[str, str, str]], portal: int) -> RefusedError:
    """400 for values: each fault is (property, code, message). The message is a sentence with
    JSON in it, as published in many threads, e.g. [I] rudderlabs/rudder-transformer#3308."""
    told = [
        {"isValid": False, "message": message, "error": code, "name": name, "portalId": portal}
        for name, code, message in faults
    ]
    return invalid(
        f"Property values were not valid: {json.dumps(told, separators=(',', ':'))}",
        errors=[
            {"message": message, "code": code, "context": {"propertyName": [name]}}
            for name, code, message in faults
        ],
    )
