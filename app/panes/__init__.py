"""The seven panes: each maps rows to widgets and tells what is selected; none asks the engine."""
