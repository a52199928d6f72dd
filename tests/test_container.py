"""The container file keeps what it promises, as far as can be seen without building it; what it
installs, it installs with hashes."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "deploy" / "Containerfile").read_text("utf-8")
LINES = [
    line
    for line in re.sub(r" \\\n\s*", " ", TEXT).splitlines()
    if line and not line.startswith("#")
]
STEPS = [(step, rest) for step, _, rest in (line.partition(" ") for line in LINES)]
"""Each instruction with what follows it, continued lines put together."""
COMPOSE = (ROOT / "deploy" / "compose.yaml").read_text("utf-8")


def of(name: str) -> list[str]:
    return [rest for step, rest in STEPS if step == name]


def test_it_ends_without_root_with_a_volume_and_a_health_check() -> None:
    last = [
        step for step, _ in STEPS[max(n for n, (step, _) in enumerate(STEPS) if step == "FROM") :]
    ]
    assert last.index("USER") < last.index("ENTRYPOINT")
    assert (of("USER"), of("VOLUME")) == (["10001:10001"], ["/srv/renewals/data"])
    assert of("HEALTHCHECK")[0].endswith('CMD ["renewals", "ready"]')
    assert "RENEWALS_DIR=/srv/renewals" in of("ENV")[0]


def test_everything_is_installed_with_hashes_or_from_the_wheel_made_here() -> None:
    installs = re.findall(r"pip install ([^&\n]+)", "\n".join(of("RUN")))
    assert len(installs) == 3
    for line in installs:
        hashed, own = (
            "--require-hashes -r" in line,
            "--no-index" in line and "--no-deps" in line and "dist/renewal_scheduler-" in line,
        )
        assert hashed or own, line
    assert "--no-deps --no-build-isolation" in next(run for run in of("RUN") if "pip wheel" in run)


def test_what_it_copies_is_there_and_all_that_the_wheel_is_made_of() -> None:
    copied = {
        source
        for line in of("COPY")
        if not line.startswith("--from")
        for source in line.split()[:-1]
    }
    assert all((ROOT / source).exists() for source in copied), copied
    assert {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "config.toml",
        "templates",
        "scheduler",
        "requirements.lock",
        "deploy/build.lock",
    } == copied


def test_the_build_lock_pins_with_hashes_and_names_no_host() -> None:
    lock = re.sub(r" \\\n +", " ", (ROOT / "deploy" / "build.lock").read_text("utf-8")).splitlines()
    wrong = [
        line
        for line in lock
        if not re.fullmatch(r"[a-z0-9.-]+==[^ ]+( ; [^/]+?)?( --hash=sha256:[0-9a-f]{64})+", line)
    ]
    assert (wrong, any(line.startswith("hatchling==") for line in lock)) == ([], True)


@pytest.mark.parametrize(
    "setting",
    [
        "read_only: true",
        "cap_drop: [ALL]",
        "no-new-privileges:true",
        "./cs:/srv/renewals:ro",
        "data:/srv/renewals/data",
        "name: renewals-data",
        "tmpfs: [/tmp]",
    ],
)
def test_compose_runs_it_locked_down(setting: str) -> None:
    assert setting in COMPOSE
