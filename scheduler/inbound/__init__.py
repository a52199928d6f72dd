"""What people send back: answers from Slack and from the links in mails, and the calendar feed."""
