"""What an edit of config.toml goes through until it is in force.

A saved edit, by itself:
    daemon.reload             sees that the file was saved (or a SIGHUP)
    taken_up                  reads it (`working_folder`, `core.config.reading`); one that has
                              mistakes changes nothing
    keeper                    makes it the next version, or finds it stale or kept back
                              (`services.policy.in_force`)
    judged                    says what keeps it back: mistakes in texts, `apply_edits`, harm to
                              deals (`services.policy.planning.harms`)
    notices                   say how the file stands to what is in force
A command that edits takes the same way from `keeper` on (`app.ready.prepare_to_edit`).

An edit that somebody asks for:
    planned                   `renewals plan`, `apply`, `config rollback`, `simulate`, by
                              `services.policy.planning`
"""
