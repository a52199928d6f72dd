"""Measures and rules of health that have nothing to go by: what `check` and `doctor` say of them.

Always holds: nothing is changed; where there has never been a signal, one sentence says so for all.
"""

from collections.abc import Iterator, Sequence

from scheduler.app.wiring import App
from scheduler.core.config.places import dotted
from scheduler.core.config.toml.lines import key_lines
from scheduler.core.health.policy import HardRule, HealthPolicy, Measure
from scheduler.core.words.labels import Label
from scheduler.core.words.problems import near


def without_signals(app: App) -> Iterator[Label]:
    """Each measure and rule whose signal has never come in, with its line."""
    health = app.config.policy.health
    if health is None or not health.parts:
        return
    with app.signal_listing() as look:
        names = look.names()
    if names:
        yield from _never_imported(app, health, names)
        return
    yield Label(
        "no signals have been imported yet, so health is only what people say; to import them: "
        "renewals signals import FILE (docs/signals.md)"
    )


def _never_imported(app: App, health: HealthPolicy, names: frozenset[str]) -> Iterator[Label]:
    """The same beside signals of other names; the nearest of them is named."""
    lines = key_lines(app.working_folder.text())
    kinds: tuple[tuple[str, Sequence[Measure | HardRule]], ...] = (
        ("measures", health.measures),
        ("rules", health.rules),
    )
    gauges = [(kind, n, part.gauge) for kind, parts in kinds for n, part in enumerate(parts)]
    for kind, number, gauge in gauges:
        signal, place = gauge.signal, ("health", kind, number, "signal")
        if signal in names:
            continue
        close = near(signal, sorted(names))
        yield Label(
            "line {line}, {place}: no signal called {signal} has been imported so far, so this "
            "measure has no effect; {hint}",
            line=lines.get(place, 0),
            place=dotted(place),
            signal=signal,
            hint=Label("did you mean {close}?", context="signal", close=close)
            if close
            else Label(
                "import it (renewals signals import FILE) or remove the measure; known signals: "
                "{names}",
                names=", ".join(sorted(names)),
            ),
        )
