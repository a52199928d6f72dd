"""Slack's side that people press: Socket Mode, so that no public address is needed. Loaded only
where SLACK_APP_TOKEN is set.

listener  the socket: keep, acknowledge, act; connects again whenever it is cut
actions   what each envelope asks for, decided by who asks
payload   what was pressed or sent, where and by whom, read from Slack's JSON
answers   an answer: pressed, judged by core, recorded in one transaction, shown
absences  absences that people enter themselves
showing   where words go: a message that only the person sees, their App Home, a form
replies   the words
modals    the forms
home      the App Home
command   `/renewals`
"""
