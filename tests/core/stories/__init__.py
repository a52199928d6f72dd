"""Tests of scheduler.core.stories."""
