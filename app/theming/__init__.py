"""Themes: YAML data from roles to colours and attributes. No Textual here but in `toolkit`."""
