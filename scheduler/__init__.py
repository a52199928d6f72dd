"""renewal-scheduler: a daemon that follows customers' contracts to their renewal and nudges people
until somebody has acted.

The map
    locale/     what is said in other languages: a catalogue each. The code holds a sentence once,
                in English, as a `Label` with its facts (`core.words.labels`).
    core/       PURE: told the time, never asks for it. Packages, each above those before:
        words       labels, closed words with their names (`lexicon`), reasons, refusals (`errors`),
                    mistakes in files (`problems`), stable keys, how a text leaves (`escaping`,
                    `mrkdwn`)
        time        working days (`calendar`), months, terms and notice (`dates`), weeks, zones
        health      signals, what is measured of them, the state that follows and when it would
                    change by ageing alone; how well that foretold what became of terms
                    (`backtest`)
        deal        contracts, people, pipelines (`move`), a deal as rules read it, its successor,
                    who has authority, how money and days are written (`formats`)
        imports     typed days, amounts and words, records of a file, which term a fact means
                    (`term_attribution`, `term_matching`), what it says of how a deal ended
                    (`outcomes`), what is set by hand (`edits`)
        policy      milestones, what they count from (`anchors`) and the day on which each comes
                    (`milestone_days`), attention (how insistent), `deadlines`; `timeline`: a deal's
                    days, made once for deals that have the same
        messages    states of a message, what each channel is (`channels`), faults, conditions of
                    channels, how a long one is laid out
        rules       `decide`, the heart: one file per rule (`firing`: what a milestone whose day
                    has come does; `moved_days`: what becomes of events whose day has moved);
                    `routing` and `nudges` (who is told), windows and `delivery_window` (when),
                    `projection` (a deal lived on a virtual clock), `shared` (one decision for deals
                    that are alike), `cross_check` (the second opinion), `missed_deadlines`,
                    `coverage` (which contracts milestones come to at all), `late_first_nudge`
        answers     what can be answered (`verbs`), what an answer changes (`effects`), why it
                    cannot be given (`refusals`), what it must not replace (`earlier`)
        facts       what nudges and digests say (`nudge_facts`, `digest_facts`), what comes, why a
                    day (`explain`), what each number counts (`tally`)
        reports     what each number of a report means, its sums (`renewals`, `retention`,
                    `forecast`), what was known on which day (`asked`), what its chart shows
        sync        HubSpot's values, stages and histories read as ours, what is written there,
                    whose change it is (`echoes`) and whose wins (`conflicts`)
        machine     is the clock believed, is the daemon healthy (`liveness`), what a look finds
        config      a file: a policy, or every mistake in it; read from the top by `reading`:
                    `toml` (text), `tables` (shape), `rules` (meaning), `mappings`
        stories     one life and what must be true on which day: read, judged, told
    services/   use cases, by feature; each is given what begins its transaction (`ports.Begin`):
        people, policy (versions, plan, apply, simulate, stories), imports (files and edits by
        hand), signals (what comes in, what is known of a contract), reports, delivery (form,
        deliver with `preparing` and `recording`, recover, refresh, release, resending), digests,
        deals (sweep, listings, why, pauses), answers (also many at once, the inbox), sync (pulling,
        ingesting, what became of records: `census`, pushing, next terms' deals: `renewing`,
        comparing all: `drift`), audit (balance, liveness, restoring)
    ports.py    Clock, Channel, Renderer and the values that cross them.
    storage/    the same features in SQL, one file of queries per use, above `database`: rows,
                engines, Alembic migrations, seals, copies. Row classes never leave it.
    channels/   slack, email, preview: one file and one registry line each; watcher: whoever is
                pinged outside.
    hubspot/    HubSpot's API: one call at the pace it allows, reading (pages, lookups, links and
                what deals are linked with), writing, what we make there and take away again.
    inbound/    what people send back: slack/, links (signed), web/ (pages behind links, the
                calendar feed, liveness and metrics).
    sources/    contracts, people, signals and public holidays out of files: `files` (CSV and
                workbooks as tables), `cells`, `kinds` (known exports), `mappings`.
    render/     sandboxed Jinja2, per language and channel.
    charts/     pictures of reports by matplotlib, an extra that is imported when one is drawn.
    system/     the machine underneath: clock, environment, private files, logs, signals,
                systemd, how often garbage is looked for, docstrings of fields.
    app/        `wiring` joins things into an App, layer on layer: `folder`, `stores`, `copies`,
                `sending`; `ready` makes it ready for a command; `checks`, `doctor` and their
                judges; `policy_edits` (what a saved edit goes through; plan, apply, roll back),
                `process_pool`, `restoring`, `story_world`; `hubspot` (rounds with the account),
                `hubspot_drift`.
    daemon/     `serving` puts it together; `loop` (ticks, signals, watchdog, the one catch-all);
                `jobs` joins the jobs, each in its file (`sweep_job` …), `reload` (a saved edit),
                `alarms`; `ticker`, `clock_watch`; `hold`: why nothing is swept or sent for a
                while; `startup_retry` and `liveness_endpoint`: a daemon before it is ready.
    cli/        typer; the only place that prints. The frame (`main`, `commands`, `options`,
                `errors`) and `init`; `terminal`, what all show and ask with; the commands by
                feature: answers, deals, imports, signals, health, people, policy, delivery, sync,
                audit, reports, demo.

The arrows (tests/test_architecture.py keeps them, also between the packages of a part)
    cli -> daemon -> app -> inbound, services -> ports -> core
                         -> storage, channels, hubspot, sources, render -> ports -> core
    cli, app -> charts -> core
    core -> locale; system -> core; who may use what of it stands in tests/architecture.py

Where a rule is that people look for elsewhere
    quiet hours, holidays               core.rules.windows, delivery_window
    reminders, the manager's turn       core.rules.followup, managers_day
    how long an answer keeps quiet      core.rules.snooze
    a health that gets better or worse  core.health.transitions
    what undo puts back                 services.answers.answering, storage.answers.answering
    "12,50": which mark is the decimal  core.imports.written_amounts, sources.cells.amount_column
    a contract that left the file       services.imports.missing_contracts
    the one message of a day            services.delivery.form (digests are weekly)
    Slack or mail does not answer       channels.slack.api, core.messages.states,
                                        services.delivery.recover
    what is written to HubSpot, when    core.sync.desired_values; services.sync.pushing
    the words of a message              templates/messages/, with words from locale/

The flow
    files -> importing -> deals with an alarm clock (`wake_at`)
    -> sweep: decide -> passages, events, nudges, the next alarm, in one transaction
    -> deliver: form -> claim -> render -> hand over -> send -> record -> Slack, mail, preview
    <- inbox: keep -> acknowledge -> answer, by who presses -> one transaction
    -> refresh: every copy on Slack shows it

    an edit -> plan: every deal lived ahead under both policies
    -> apply, if it still does the same -> a new version, followed by every machine

Where building showed a better way than the first design
    - A plan is kept in the database and names effects, not deals; what comes up when it is applied
      has no day in it, so it stays good overnight.
    - `--backfill` belongs to `plan`, which shows what it does, not to `apply`.
    - An edit that takes a stage away from under open deals is refused (`was` maps it); a milestone
      that counts from another date counts as a new one.
    - A successor's key is made of its predecessor's, so that a deal lived ahead has the keys it
      will have.
    - The flood breaker counts the late nudges of one person, not messages: there is one message a
      person and window anyway, so messages never flood.
    - One ladder of reminders a deal, that of its latest question; it ends, and digests keep the
      question alive (`core.rules.followup`).
    - The manager of an owner who has left gets a list of their deals at once; their nudges go to
      the pipeline's fallback until there is a new owner.
    - The ticker has a job for the nightly copy, and more where Slack's buttons are on, pages are
      served, the machine is watched.
    - After a restore nothing is swept either: the days that the copy does not know are lived again
      at their own instants (`services.audit.restoring`).
    - Every version of the policy keeps what earlier names of stages and milestones are called in it
      (`core.config.lineage`): no clock restarts.
    - Rows are sealed by block, apart from themselves, at the end of a round
      (`storage.database.seals`): no writer has to think of it.
    - A large file comes in in short transactions, its deals unseen until all are there; while it
      does, nothing is decided or sent (`storage.imports.parts`).
    - A nudge's key begins with its anchor's day, so that those made together lie together in the
      index.
    - Links in mails and the calendar feed come from a listener in `inbound/web`, before there is a
      dashboard.
"""

__version__ = "0.1.0"
