"""Pure functions from the domain's records to text. No Textual, no Rich, no I/O, no clock."""
