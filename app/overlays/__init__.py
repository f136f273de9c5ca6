"""What covers a pane for a while: help, menus, forms, details."""
