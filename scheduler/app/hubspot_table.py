"""Puts `[hubspot]` into a working folder's `config.toml`.

Always holds: the file is replaced whole or not at all, only by one that has no mistakes and says
the same as before besides the new table; a table that is there is never replaced; every other byte
stays.
"""

import codecs
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from scheduler.app.policy_building import holidays_of
from scheduler.app.shipped import shipped_templates
from scheduler.app.working_folder import ConfigRefusedError, WorkingFolder
from scheduler.core.config.hubspot_text import with_table
from scheduler.core.config.reading import Config
from scheduler.core.words.errors import UserMustActError
from scheduler.system.private_files import give_to_owner


def put_table(folder: WorkingFolder, table: str) -> Path:
    """Writes the table; the file it stands in now. Raises UserMustActError where there is one
    already or the file cannot be written, ConfigRefusedError where the file has mistakes."""
    file = folder.config_file.resolve()
    before = _document(folder)
    if "hubspot" in before:
        raise UserMustActError("{file} has a [hubspot] already; it was left as it is", file=file)
    old = file.read_bytes()
    part = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        part.write_bytes(_with(old, table))
        shutil.copymode(file, part)
        give_to_owner(part, file.parent)
        _require_same(folder, part, before)
        if file.read_bytes() != old:
            raise UserMustActError(
                "{file} was changed in the meantime; run the command again", file=file
            )
        part.replace(file)
    except OSError as error:
        raise UserMustActError(
            "cannot write {file}: {strerror}", file=file, strerror=error.strerror
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return file


def _document(folder: WorkingFolder) -> Mapping[str, Any]:
    """What the file says of the policy, as tomllib reads it."""
    found = folder.problems_or_config()
    if not isinstance(found, Config):
        raise ConfigRefusedError(found)
    policy: Mapping[str, Any] = found.document["policy"]
    return policy


def _with(old: bytes, table: str) -> bytes:
    """The file's bytes with the table."""
    mark = codecs.BOM_UTF8 if old.startswith(codecs.BOM_UTF8) else b""
    return mark + with_table(old[len(mark) :].decode("utf-8"), table).encode("utf-8")


def _require_same(folder: WorkingFolder, part: Path, before: Mapping[str, Any]) -> None:
    """Raises ConfigRefusedError or UserMustActError where the new file says something else."""
    new = _document(WorkingFolder(folder.path, holidays_of, shipped_templates, part))
    if {name: value for name, value in new.items() if name != "hubspot"} != before:
        raise UserMustActError(
            "the table cannot be put into {file} without changing something else; copy it in "
            "yourself",
            file=folder.config_file,
        )
