"""The templates that come with the program, read from the repository."""

from pathlib import Path

ROOT = Path(__file__).parents[2] / "templates" / "messages"
SHIPPED = {
    path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
    for path in ROOT.rglob("*")
    if path.is_file()
}
NAMES = (
    "renewal_3m",
    "renewal_1m",
    "decide_by_30d",
    "onboarding_30d",
    "onboarding_90d",
    "auto_renewal",
    "ended",
    "default",
)
