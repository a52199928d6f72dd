"""The judge of `renewals doctor` about the installed unit of systemd.

Always holds: systemd is asked about the file alone, offline; where it is not there, or too old,
nothing is said of it.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from scheduler import __version__
from scheduler.app.checkup import Checkup
from scheduler.core.machine.diagnosis import Area, DiagnosisLine, fine, note, to_do
from scheduler.core.words.labels import Label

MOST_EXPOSED = 1.5
"""Up to which figure of `systemd-analyze security` nothing is said; the shipped unit has 1.4."""
HARDENED = tuple(
    "NoNewPrivileges ProtectSystem ProtectHome PrivateTmp PrivateDevices PrivateUsers "
    "ProtectKernelTunables ProtectKernelModules "
    "ProtectControlGroups RestrictAddressFamilies RestrictNamespaces MemoryDenyWriteExecute "
    "CapabilityBoundingSet SystemCallFilter UMask".split()
)
"""What the shipped unit (deploy/renewals.service) forbids, and an installed one should."""


def unit(checkup: Checkup) -> Iterator[DiagnosisLine]:
    """The installed unit: whether it starts this version, and what it leaves open."""
    found = [
        u
        for folder in checkup.units
        if folder.is_dir()
        for u in sorted(folder.glob("*.service"))
        if _starts_us(u)
    ]
    if not found:
        yield note(Area.UNIT, Label("no systemd unit is installed (deploy/renewals.service)"))
    for file in dict.fromkeys(f.resolve() for f in found):
        text = file.read_text("utf-8", "replace")
        yield from _version_of(file, text)
        yield from _exposure_of(file)
        missing = [name for name in HARDENED if not re.search(rf"(?m)^{name}=", text)]
        if missing:
            yield note(
                Area.UNIT,
                Label("{file} leaves open: {missing}", file=file, missing=", ".join(missing)),
            )


def _starts_us(file: Path) -> bool:
    """Whether a unit starts the daemon."""
    try:
        return bool(
            re.search(r"(?m)^ExecStart=\S*renewals run\b", file.read_text("utf-8", "replace"))
        )
    except OSError:
        return False


def _version_of(file: Path, text: str) -> Iterator[DiagnosisLine]:
    """Which version a unit starts."""
    found = re.search(r"(?m)^ExecStart=[-@:+!]*(\S+)", text)
    command = found[1] if found else ""
    try:
        said = subprocess.run(
            [command, "--version"], capture_output=True, text=True, timeout=20, check=True
        ).stdout.split()[-1]
    except (OSError, subprocess.SubprocessError, IndexError):
        yield to_do(
            Area.UNIT,
            Label("{command}, which {file} starts, cannot be run", command=command, file=file),
        )
        return
    if said == __version__:
        yield fine(Area.UNIT, Label("{file} starts this version ({words})", file=file, words=said))
    else:
        yield to_do(
            Area.UNIT,
            Label(
                "{file} starts another version ({words}; this is {version})",
                file=file,
                words=said,
                version=__version__,
            ),
        )


def _exposure_of(file: Path) -> Iterator[DiagnosisLine]:
    """How exposed systemd says that the service is, if that is more than it need be; nothing where
    systemd cannot be asked."""
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(file)]
    try:
        said = subprocess.run(
            command, capture_output=True, text=True, timeout=20, check=False
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return
    found = re.search(r"exposure level for [^:]*: ([0-9]+[.,][0-9])", said)
    if found is not None and (exposure := float(found[1].replace(",", "."))) > MOST_EXPOSED:
        yield note(
            Area.UNIT,
            Label(
                (
                    "{file}: systemd-analyze security says exposure {exposure}, more than "
                    "{most_exposed}; compare it with deploy/renewals.service"
                ),
                file=file,
                exposure=exposure,
                most_exposed=MOST_EXPOSED,
            ),
        )
