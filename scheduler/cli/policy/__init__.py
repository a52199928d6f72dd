"""Commands about the configuration: seen, checked, tried out, put in force."""
