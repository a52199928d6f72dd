"""Channels: every one has its entry, and everything about addresses follows from the entries."""

import re

import pytest

from scheduler.channels.registry import KINDS
from scheduler.core.messages.channels import ADDRESS, CHANNELS, LEAVING, PERSONAL, VARIABLES
from scheduler.core.rules.routing import destination_of_address, destinations_of
from scheduler.core.words.lexicon import ChannelName
from scheduler.system.environment import OUTSIDE, SECRETS
from tests.cast import ANN


def test_every_channel_has_an_entry_and_a_file() -> None:
    assert set(CHANNELS) == {kind.name for kind in KINDS} == set(ChannelName)


@pytest.mark.parametrize("name", [name for name, rule in CHANNELS.items() if rule.example])
def test_an_example_of_an_address_is_one_and_leads_there(name: ChannelName) -> None:
    example = CHANNELS[name].example
    assert re.fullmatch(ADDRESS, example)
    assert destination_of_address(example, LEAVING) == (name, example.partition(":")[2])
    assert destination_of_address(example, LEAVING - {name})[0] is ChannelName.PREVIEW


def test_a_persons_ways_are_in_the_order_of_the_channels() -> None:
    assert [destination[0] for destination in destinations_of(ANN, LEAVING)] == list(PERSONAL)
    assert [destination[0] for destination in destinations_of(ANN, {ChannelName.EMAIL})] == [
        ChannelName.EMAIL
    ]


def test_a_channels_variables_come_from_outside_and_its_secrets_are_secret() -> None:
    assert {v.name for v in VARIABLES} <= set(OUTSIDE)
    assert {v.name for v in VARIABLES if v.is_secret} <= set(SECRETS)
    assert "SLACK_API_URL" not in SECRETS
