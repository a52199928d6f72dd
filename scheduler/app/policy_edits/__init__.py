"""What an edit of config.toml goes through until it is in force.

A saved edit, by itself:
    daemon.reload             sees that the file was saved (or a SIGHUP)
    taken_up                  reads it (`working_folder`, `core.config.reading`); one that has
                              mistakes changes nothing
    keeper                    makes it the next version, or finds it stale or held back
                              (`services.policy.in_force`)
    judged                    says what holds it back: mistakes in texts, `apply_edits`, harm to
                              deals (`services.policy.planning.harms`)
    notices                   say how the file differs from the policy in force
A command that writes takes the same way from `keeper` on (`app.ready.prepare_to_write`).

An edit that somebody asks for:
    planned                   `renewals plan`, `apply`, `config rollback`, `simulate`, by
                              `services.policy.planning`
"""
