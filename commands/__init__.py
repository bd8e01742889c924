"""What a person can type: one file a chapter of `vestitor --help`, and the pages the commands print."""
