"""Slack's side that people press: Socket Mode, so that no public address is needed. Loaded only
where SLACK_APP_TOKEN is set.

listener  the socket: keep, acknowledge, act; connects again whenever it is cut
desk      what each envelope asks for, decided by who asks
replies   the words that only the person who pressed sees
modals    the forms
home      the App Home
command   `/renewals`
press     what was pressed, where and by whom, read from Slack's JSON
"""
