"""What the demonstration does: lay out organisations and people, play two years of casework, move the clock."""
