"""The code under the shipped unit's own sandbox: what the unit forbids of the calls that concern
the clock is forbidden to a process here too."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scheduler.system.clock import kernel_clock_state

UNIT = (Path(__file__).parents[1] / "deploy" / "renewals.service").read_text("utf-8")
CLOCK_CALLS = {
    "adjtimex": {"x86_64": 159, "aarch64": 171},
    "clock_adjtime": {"x86_64": 305, "aarch64": 266},
}
GROUPS_WITH_THEM = {"@clock", "@privileged"}

ASKING = """
import ctypes, platform, struct, sys
from scheduler.system.clock import kernel_clock_state

def forbid(numbers):
    # A filter of the kernel's (seccomp(2)): these calls fail with EPERM, all others pass.
    steps = [(0x20, 0, 0, 0)]
    for left, number in zip(range(len(numbers), 0, -1), numbers):
        steps.append((0x15, left, 0, number))
    steps += [(0x06, 0, 0, 0x7FFF0000), (0x06, 0, 0, 0x00050001)]
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0
    assert libc.prctl(22, 2, ctypes.byref(Program(len(steps), code)), 0, 0) == 0, ctypes.get_errno()

numbers = [int(n) for n in sys.argv[1:]]
if numbers:
    forbid(numbers)
print(kernel_clock_state())
"""


def forbidden(unit: str) -> set[str]:
    """The calls about the clock that a unit with these lines forbids: the last word on a call
    counts, and ProtectClock= is a filter of its own."""
    settings = [line.split("=", 1) for line in unit.splitlines() if re.match(r"\w+=", line)]
    allowed: set[str] = set()
    for name, value in settings:
        if name == "SystemCallFilter":
            words = set(value.removeprefix("~").split())
            named = {call for call in CLOCK_CALLS if call in words or words & GROUPS_WITH_THEM}
            allowed = allowed - named if value.startswith("~") else allowed | named
    return set(CLOCK_CALLS) if ["ProtectClock", "yes"] in settings else set(CLOCK_CALLS) - allowed


def asked_under(unit: str) -> str:
    """What the kernel answers a process that the unit's filter holds."""
    import platform  # noqa: PLC0415

    numbers = [str(CLOCK_CALLS[call][platform.machine()]) for call in sorted(forbidden(unit))]
    return subprocess.run(
        [sys.executable, "-c", ASKING, *numbers], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_the_kernel_can_be_asked_whether_it_keeps_its_clock_right() -> None:
    assert forbidden(UNIT) == set()
    assert asked_under(UNIT) == str(kernel_clock_state()) != "None"


@pytest.mark.parametrize(
    "spoiled",
    [
        UNIT + "\nProtectClock=yes\n",
        UNIT + "\nSystemCallFilter=~@clock\n",
        "SystemCallFilter=@system-service\n",
    ],
)
def test_a_sandbox_that_forbids_the_question_is_seen_by_this_very_test(spoiled: str) -> None:
    assert asked_under(spoiled) == "None"


def test_only_what_a_person_must_change_keeps_the_service_down() -> None:
    assert "\nRestart=always\n" in UNIT
    assert "\nRestartPreventExitStatus=2\n" in UNIT
