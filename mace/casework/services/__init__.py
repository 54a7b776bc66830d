"""What the pages of casework change themselves."""
