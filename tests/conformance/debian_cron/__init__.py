"""Debian's cron daemon as an oracle: what it really ran over clock changes, recorded."""
