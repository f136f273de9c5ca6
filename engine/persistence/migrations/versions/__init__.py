"""One file per revision, oldest `r0001`."""
