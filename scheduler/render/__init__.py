"""Words: sandboxed templates, in Japanese and English, for mail and Slack."""
