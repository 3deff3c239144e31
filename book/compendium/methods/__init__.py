"""Statistics, pure: arrays and frames in, small frozen results out, a room for each field."""
