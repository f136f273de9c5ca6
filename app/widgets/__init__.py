"""What is drawn: widgets that render line by line, know no engine, and repaint cells only."""
