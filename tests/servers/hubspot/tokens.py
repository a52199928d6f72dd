"""Tokens: who may call, with which scopes, and how a call is turned away.

[H] changelog/service-keys; docs/apps/developer-platform/build-apps/authentication: all kinds of
token go into `Authorization: Bearer …`. A service key holds only the scopes its maker has.
"""

from dataclasses import dataclass

from tests.servers.hubspot.answers import RefusedError

TOKEN = "pat-eu1-00000000-0000-4000-8000-000000000001"
READING = (
    "oauth",
    "crm.objects.deals.read",
    "crm.objects.companies.read",
    "crm.objects.owners.read",
    "crm.objects.contracts.read",
    "crm.objects.line_items.read",
    "crm.objects.quotes.read",
    "crm.schemas.deals.read",
    "crm.schemas.companies.read",
    "multi_currency.read",
)
WRITING = (
    "crm.objects.deals.write",
    "crm.objects.companies.write",
    "crm.schemas.deals.write",
    "crm.schemas.companies.write",
)
ALL_SCOPES = frozenset(READING + WRITING)


@dataclass(frozen=True, slots=True)
class Token:
    """One token. `source` is what its writes carry in a history (None: the switch says);
    `expires_at`, in milliseconds, is the end of a rotation's grace."""

    scopes: frozenset[str] = ALL_SCOPES
    source: tuple[str, str | None] | None = None
    expires_at: int | None = None

    def without(self, *scopes: str) -> "Token":
        """The same token, fewer scopes."""
        return Token(self.scopes - set(scopes), self.source, self.expires_at)


def unknown_token() -> RefusedError:
    """401 for none, a revoked one, a mistyped one."""
    return RefusedError(
        401,
        "INVALID_AUTHENTICATION",
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you "
        "can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
    )


def expired_token(minutes: int) -> RefusedError:
    """401 for one that was rotated away."""
    return RefusedError(
        401,
        "EXPIRED_AUTHENTICATION",
        f"The OAuth token used to make this call expired {minutes} minute(s) ago.",
    )


def missing_scope(scope: str, shape: str) -> RefusedError:
    """403 in one of its four shapes. [I] estuary/connectors#3434, #3522"""
    if shape == "permissions":
        return RefusedError(
            403,
            "FORBIDDEN",
            "This hapikey doesn't have proper permissions! (requires any of [a scope])",
        )
    if shape == "banned":
        return RefusedError(403, "BANNED", "This app has been blocked from this account.")
    message = (
        "This app hasn't been granted all required scopes to make this call. Read more about "
        "required scopes here: https://developers.hubspot.com/scopes."
    )
    needed = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": [scope]},
    }
    return RefusedError(
        403,
        "MISSING_SCOPES",
        message,
        errors=[needed] if shape == "listed" else [],
        links={"scopes": "https://developers.hubspot.com/scopes"},
    )
