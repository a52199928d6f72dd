"""The rules of renewal, one file each: `rule(deal, policy, now) -> Decision`, pure, saying at most
what is new and when it will next have a say."""
