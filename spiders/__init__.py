"""Where opportunities come from: one file per source."""
