"""What nobody outside HubSpot could confirm, as settings: a program that holds under each of them
does not hang on a guess."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from random import Random
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Switches:
    """Each is [?]; `SETTINGS` holds what each may be.

    `key_source`: what a service key's writes carry as (sourceType, sourceId).
    `equal_write_moves`: whether writing the value that is there adds history and moves
    hs_lastmodifieddate.
    `api_close_sets_closedate`: whether closing by API sets the close date, as by hand it does.
    `closedate_source`: whose entry that is in its history.
    `bad_input`: one bad input of a batch update or upsert: documents say 207 for `each`, threads
    say 400 for the `whole` and only the first fault named ([I] rudderlabs/rudder-transformer#3308,
    HubSpot/hubspot-api-python#51).
    `upsert_meets_archived`: the key belongs to an archived record: refused, or a new one is made.
    `approvals_bind`, `required_bind`: whether approvals and conditional required properties refuse
    API writes (the second is promised from 2026-09 on).
    `order`: of a batch's results.
    `uuid_stage_names`: whether hs_v2_… of a stage whose id is a UUID is named by its cleaned id
    and a number, or cannot be had.
    `merged_answers`: whether an old id still reads as the record it was merged into, in a batch.
    `unique_taken`: the status when a unique value is another record's.
    `search_lag`: milliseconds until search shows a change.
    `search_limit_zero`: whether a search may ask for no records, only the total.
    `edited_pipeline_touches`: whether a pipeline's edit moves hs_lastmodifieddate of its deals.
    `history_kept`: how many of the newest values a history tells (None: all).
    `archived_property_blocks`: whether a property cannot be made again once it was archived.
    `search_shows`: the values of the `index`, or those of the `database` under the index's filter,
    so that a record may come with a date outside the asked window ([I] estuary/connectors#2210).
    `money`: how a whole amount of yen reads.
    `chosen_ids`: whether pipelines and stages get the ids that were given ([S] PipelineInput has
    them), or HubSpot's own.
    `refuses_scopes`: the shape of a 403 ([I] estuary/connectors#3434, #3522).
    """

    key_source: tuple[str, str | None] = ("INTEGRATION", "4711")
    equal_write_moves: bool = False
    api_close_sets_closedate: bool = True
    closedate_source: str = "writer"
    bad_input: str = "whole"
    upsert_meets_archived: str = "refused"
    approvals_bind: bool = True
    required_bind: bool = True
    order: str = "asked"
    uuid_stage_names: str = "cleaned"
    merged_answers: bool = True
    unique_taken: int = 400
    search_lag: int = 0
    search_limit_zero: bool = True
    edited_pipeline_touches: bool = False
    history_kept: int | None = None
    archived_property_blocks: bool = False
    search_shows: str = "index"
    money: str = "3600000"
    refuses_scopes: str = "listed"
    chosen_ids: bool = True

    @classmethod
    def each(cls) -> Iterator[Self]:
        """The usual ones, then every other setting of each, one at a time."""
        usual = cls()
        yield usual
        for name, settings in SETTINGS.items():
            for setting in settings:
                if setting != getattr(usual, name):
                    yield replace(usual, **{name: setting})

    @classmethod
    def drawn(cls, seed: int) -> Self:
        """Any mixture, by its seed."""
        chance = Random(seed)
        return cls(**{name: chance.choice(settings) for name, settings in SETTINGS.items()})

    def __str__(self) -> str:
        usual = type(self)()
        told = [
            f"{f.name}={getattr(self, f.name)}"
            for f in fields(self)
            if getattr(self, f.name) != getattr(usual, f.name)
        ]
        return ", ".join(told) or "as usual"


SETTINGS: Mapping[str, tuple[Any, ...]] = {
    "key_source": (
        ("INTEGRATION", "4711"),
        ("API", "4711"),
        ("INTEGRATION", None),
        ("PUBLIC_API", "apikey:99"),
    ),
    "equal_write_moves": (False, True),
    "api_close_sets_closedate": (True, False),
    "closedate_source": ("writer", "calculated"),
    "bad_input": ("whole", "each"),
    "upsert_meets_archived": ("refused", "new"),
    "approvals_bind": (True, False),
    "required_bind": (True, False),
    "order": ("asked", "shuffled"),
    "uuid_stage_names": ("cleaned", "absent"),
    "merged_answers": (True, False),
    "unique_taken": (400, 409),
    "search_lag": (0, 7_000, 60_000),
    "search_limit_zero": (True, False),
    "edited_pipeline_touches": (False, True),
    "history_kept": (None, 20),
    "archived_property_blocks": (False, True),
    "search_shows": ("index", "database"),
    "money": ("3600000", "3600000.0", "3.6E6"),
    "refuses_scopes": ("listed", "unlisted", "permissions", "banned"),
    "chosen_ids": (True, False),
}
