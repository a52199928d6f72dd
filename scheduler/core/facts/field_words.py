"""How the fields of contracts and people, and what stands in them, are called by those who read of
a change: commands, reports, undo.

Always holds: values come as texts, as a report of changes carries them; what the policy calls
something is said in its words, and what nobody has a name for is shown as it is.
"""

from collections.abc import Mapping

from scheduler.core.deal.formats import length_words
from scheduler.core.imports.texts import FIELD_LABELS
from scheduler.core.policy.policy import Policy
from scheduler.core.time.dates import Term
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import LANGUAGES, Health, Language, Role
from scheduler.core.words.reasons import word

_TRUTHS = {"True": Label("yes"), "False": Label("no")}
_TABLES: Mapping[str, Mapping[str, Label]] = {
    **dict.fromkeys(("auto_renew", "evergreen", "estimated", "active"), _TRUTHS),
    "role": {role.value: role.label for role in Role},
    "language": {each.value: name for each, name in LANGUAGES.items()},
}
_LENGTHS = frozenset(["term", "notice", "renewal_term", "renewal_notice"])
NOTHING = "—"


def field_name(field: str, language: Language) -> str:
    """What a field of a contract or person is called, also by the name of its column.

    >>> (field_name("owner_id", Language.EN), field_name("ends_on", Language.JA),
    ...  field_name("cost centre", Language.EN))
    ('owner', '満了日', 'cost centre')
    """
    label = FIELD_LABELS.get(field) or FIELD_LABELS.get(field.removesuffix("_id"))
    return label.of(language) if label else field


def field_value(
    field: str, value: str, language: Language, policy: Policy, pipeline: str = ""
) -> str:
    """What stands in a field, as people read it; a dash for nothing. `pipeline`: whose stages are
    meant, where that is known."""
    if not value:
        return NOTHING
    if field in _LENGTHS:
        return _length(value, language)
    if field == "stage":
        return stage_name(value, language, policy, pipeline)
    if field == "health":
        return health_label(value, policy).of(language)
    label = _TABLES.get(field, {}).get(value)
    return label.of(language) if label else value


def word_change(
    field: str, before: str, after: str, language: Language, policy: Policy, pipeline: str = ""
) -> str:
    """One changed field as a report says it: `満了日 2027-03-31 → 2027-06-30`, `auto-renewal no →
    yes`."""
    was, now = (field_value(field, value, language, policy, pipeline) for value in (before, after))
    return f"{field_name(field, language)} {was} → {now}"


def health_label(health: str, policy: Policy) -> Label:
    """The name of a health: its stage's name in the policy, else the plain word."""
    found = next(
        (s.label for p in policy.pipelines.values() for s in p.stages if s.health == health), None
    )
    return found or (
        Health(health).label.as_title if health in set(Health) else Label.verbatim(health)
    )


def part_label(part: str, policy: Policy) -> Label:
    """A measure or a hard rule of health: what the policy calls it; one that is gone, by its id."""
    parts = policy.health.parts if policy.health else ()
    return next((p.label for p in parts if p.id == part), Label.verbatim(part))


def reason_label(reason: str, policy: Policy) -> Label:
    """A reason for a health: what the policy calls it; one that is gone, by its id."""
    listed = policy.health.reasons if policy.health else ()
    return next((r.label for r in listed if r.id == reason), Label.verbatim(reason))


def health_fact(fact: str, value: str, policy: Policy) -> Label | None:
    """A fact of a stored reason that the health policy has a name for; None for all others."""
    if fact == "measure":
        return part_label(value, policy)
    return reason_label(value, policy) if fact == "health_reason" else None


def reason_words(stored: str, language: Language, policy: Policy) -> str:
    """A stored reason in which measures and reasons are called as the policy calls them."""

    def named(fact: str, value: str) -> str:
        called = health_fact(fact, value, policy)
        return value if called is None else called.of(language)

    return word(stored, language, named)


def stage_name(stage: str, language: Language, policy: Policy, pipeline: str = "") -> str:
    """A stage's name; one that is told with its pipeline (`new_business/won`) with that one's name
    before it."""
    before, slash, name = stage.rpartition("/")
    wanted = before or pipeline
    pipelines = (
        [policy.pipelines[wanted]]
        if wanted in policy.pipelines
        else list(policy.pipelines.values())
    )
    found = next((s.label.of(language) for p in pipelines for s in p.stages if s.id == name), name)
    if not slash:
        return found
    whose = policy.pipelines[before].label.of(language) if before in policy.pipelines else before
    if not name:
        return whose
    return Label("{whose}: {found}", whose=whose, found=found).of(language)


def _length(value: str, language: Language) -> str:
    """A length of time in words; a text that is not a length is returned unchanged."""
    try:
        return length_words(Term.parse(value), language)
    except ValueError:
        return value
