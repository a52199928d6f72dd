"""`renewals import`: what was typed, read."""

from typing import TYPE_CHECKING

from scheduler.cli.context import CommandContext, New
from scheduler.cli.imports.import_guess import guess_columns
from scheduler.core.imports.by_hand import EditRule
from scheduler.core.words.errors import UserMustActError
from scheduler.services.imports.choices import ImportChoices, MissingContracts, Send

if TYPE_CHECKING:
    pass

from scheduler.cli.imports.bringing_in import ImportOptions, bring_in
from scheduler.cli.imports.import_options import (
    ContractsOption,
    DryRunOption,
    EditsOption,
    EncodingOption,
    EraseOption,
    FileArgument,
    GoneOption,
    GuessingOption,
    KeptOption,
    MappingOption,
    MovedOption,
    OtherOption,
    PeopleOption,
    ProfileOption,
    ProfilesOption,
    RenewedOption,
    RenewsOption,
    SameOption,
    SendOption,
    SheetOption,
    SourceOption,
    TakenOption,
)


def load(
    here: CommandContext,
    file: FileArgument,
    *,
    people: PeopleOption = False,
    contracts: ContractsOption = False,
    encoding: EncodingOption = None,
    sheet: SheetOption = None,
    profiles: ProfilesOption = False,
    profile: ProfileOption = None,
    mapping: MappingOption = None,
    source: SourceOption = None,
    guessing: GuessingOption = False,
    gone: GoneOption = MissingContracts.ASK,
    erase: EraseOption = False,
    dry_run: DryRunOption = False,
    send: SendOption = Send.NONE,
    new: New = False,
    renewed: RenewedOption = None,
    moved: MovedOption = None,
    renews: RenewsOption = None,
    edits: EditsOption = None,
    kept: KeptOption = None,
    taken: TakenOption = None,
    same: SameOption = None,
    other: OtherOption = None,
) -> None:
    """Brings a file in; exit code 0 also when some rows were rejected."""
    from scheduler.sources.files.opening import FileLayout

    written = FileLayout(readable_encoding(encoding), sheet=sheet)
    rules = _edits(edits, kept, taken)
    if guessing:
        guess_columns(here, file, written)
        return
    how = ImportOptions(
        written,
        True if people else False if profile or mapping or contracts else None,
        profile,
        mapping,
        source,
        ImportChoices(_dates(renewed, moved), _renews(renews), rules, gone, erase, send),
        dry_run,
        _addresses(same),
        _addresses(other),
    )
    bring_in(here, file, how, new)


def _edits(
    rule: EditRule | None, kept: list[str] | None, taken: list[str] | None
) -> dict[str, EditRule]:
    """The rule for fields edited here: for all ("") and by contract or person."""
    both = set(kept or ()) & set(taken or ())
    if both:
        first = min(both)
        raise UserMustActError("{first} has both --keep and --take; choose one", first=first)
    found = {"": rule} if rule is not None else {}
    return (
        found | dict.fromkeys(kept or (), EditRule.KEEP) | dict.fromkeys(taken or (), EditRule.FILE)
    )


def _dates(renewed: list[str] | None, moved: list[str] | None) -> dict[str, str]:
    """What new dates mean, by contract number."""
    both = set(renewed or ()) & set(moved or ())
    if both:
        first = min(both)
        raise UserMustActError("{first} has both --renewed and --moved; choose one", first=first)
    return dict.fromkeys(renewed or (), "renewed") | dict.fromkeys(moved or (), "moved")


def _renews(written: list[str] | None) -> dict[str, str]:
    """Which new number renews which old one."""
    found: dict[str, str] = {}
    for pair in written or ():
        new, equals, old = (part.strip() for part in pair.partition("="))
        if not (new and equals and old):
            raise UserMustActError(
                "--renews takes NEW=OLD, e.g. --renews C-9=C-1, not {pair}", pair=pair
            )
        found[new] = old
    return found


def readable_encoding(name: str | None) -> str | None:
    """An encoding's name as it was given. Raises UserMustActError for one that there is not."""
    from scheduler.core.words.errors import UserMustActError
    from scheduler.sources.files.encodings import CANDIDATES, readable

    if name is not None and not readable(name):
        known = ", ".join(("utf-8", *CANDIDATES))
        raise UserMustActError(
            "there is no encoding {name} (there are e.g. {known})", name=name, known=known
        )
    return name


def _addresses(given: list[str] | None) -> frozenset[str]:
    """Addresses as people are found by them."""
    return frozenset(address.strip().lower() for address in given or ())
