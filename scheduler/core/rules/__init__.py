"""The rules of renewal, one file each: `rule(deal, policy, now) -> Decision`, pure. Each says only
what is new and when it has to be asked again."""
