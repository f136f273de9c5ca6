"""What an operator can do: one registry that feeds keys, key bar, help, menus and commands."""
