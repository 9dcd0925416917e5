"""What is stored, as whoever asks may see it: today, in the past, and whether it is whole."""
