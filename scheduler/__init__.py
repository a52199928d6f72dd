"""renewal-scheduler: a daemon that follows customers' contracts to their renewal and nudges people until somebody has acted.

The map
    core/       PURE. dates, calendar, contracts, people, pipeline (`move`), milestones, policy, deal (what a rule may read), decide (the heart: one
                file per rule in `rules/`), ahead (a deal lived on a virtual clock), routing (who), windows and reaching (when), attention (how
                insistent), kept (which notice deadlines a policy keeps), received (what settles a question), tally (what each number counts), book
                (what a digest names), coming, offers and authority (what can be answered, by whom), messages and states, posts (how a long one is
                laid out), faults and conditions (of channels), health (of a daemon), answers, notices, import_lines and adoption (which term a fact
                of a file means), edits and edit_fields (what is set by hand, and what a file says of it), field_words (how a change is
                told), typed (what people type, over `written_amounts` and `written_days`), explain (why that day), config (a file: a policy, or every
                mistake in it; read from the top by `reading`), stories (one life and what must be true on which day: read, judged, told).
                Told the time, never asks for it.
    services/   use cases: sweep, form, deliver, pausing (a broken channel), recover, retry, refresh, answer, answering_many, inbox, absences,
                digests, release, importing, editing and editing_people (imports of one row), reopening, reports, installation (its facts),
                restoring, pauses (quiet that somebody wants); health, measuring, heartbeat (for those who watch); lives and what stands on them:
                stories, effects and planning (plan, apply), simulate; following (versions), balance, why. Each names its store as a Protocol.
    ports.py    Clock, Channel, Renderer and the values that cross them.
    storage/    SQLModel rows, engines, Alembic migrations, one file of queries per use.
    channels/   slack, email, preview: one registry line each; watcher: whoever is pinged outside.
    inbound/    what people send back: slack/, links (signed), web/ (the pages behind links and the calendar feed, only where `listen` is set; health
                and metrics, only where `health_listen` is).
    sources/    csv, hubspot, mapping files, public holidays.
    render/     sandboxed Jinja2, per language and channel.
    cli/        typer; the only place that prints.
    signals.py, waiting.py, watchpost.py    a daemon before it is ready. pulse.py   how its jobs do.
    bounded.py    what may hang, for no longer than so many seconds.
    folder_memory.py, private_files.py    which database a folder knows; who may read what.
    wiring.py   the only module that joins things.     daemon.py   ticks, signals, watchdog, the one catch-all.
    doctor.py   everything that can be wrong, judge by judge (with checks.py, machine_checks.py, unit_checks.py).
    restoring.py    a copy is put back, and let go.
    edits.py    plan, apply and roll back on a working folder.     story_world.py   a database in which stories are lived.

The arrows (tests/test_architecture.py keeps them)
    cli -> wiring -> inbound, daemon -> services -> ports -> core
                  -> storage, channels, sources, render -> ports -> core

The flow
    files -> importing -> deals with an alarm clock (`wake_at`) -> sweep: decide -> passages, events, nudges, the next alarm, in one transaction
    -> deliver: form -> claim -> render -> hand over -> send -> record -> Slack, mail, preview
    <- inbox: keep -> acknowledge -> answer, by who presses -> one transaction -> refresh: every copy on Slack shows it

    an edit -> plan: every deal lived ahead under both policies -> apply, if it still does the same -> a new version, followed by every machine

Where building showed a better way than the first design
    - A plan is kept in the database and names effects, not deals; what comes up when it is applied has no day in it, so it stays good overnight.
    - `--backfill` belongs to `plan`, which shows what it does, not to `apply`.
    - An edit that takes a stage away from under open deals is refused (`was` maps it); a milestone that counts from another date counts as a new one.
    - A successor's key is made of its predecessor's, so that a deal lived ahead has the keys it will have.
    - The flood breaker counts the late nudges of one person, not messages: there is one message a person and window anyway, so messages never flood.
    - One ladder of reminders a deal, that of its latest question; it ends, and digests keep the question alive (rules/followup).
    - The manager of an owner who has left gets a list of his deals at once; their nudges go to the pipeline's fallback until there is a new owner.
    - The metronome has a job for the nightly copy, and more where Slack's buttons are on, pages are served, the machine is watched.
    - After a restore nothing is swept either: the days that the copy does not know are lived again at their own instants (`services.restoring`).
    - Every version of the policy keeps what earlier names of stages and milestones are called in it (`core.config.lineage`): no clock restarts.
    - Rows are sealed by block, apart from themselves, at the end of a round (`storage.seals`): no writer has to think of it.
    - A nudge's key begins with its anchor's day, so that those made together lie together in the index.
    - Links in mails and the calendar feed come from a listener in `inbound/web`, before there is a dashboard.
"""

__version__ = "0.1.0"
