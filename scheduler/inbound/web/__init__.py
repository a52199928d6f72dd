"""The pages behind the links in mails, and the calendar feed: a minimal listener, loaded only where
`[machine] listen` is set."""
