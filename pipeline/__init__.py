"""What an opportunity is and how it is kept: the ground floor, which imports no other room."""
