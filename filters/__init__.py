"""Who wants what: staff describe members in YAML, the code here only reads it."""
