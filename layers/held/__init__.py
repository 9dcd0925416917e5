"""What the database itself holds, whoever writes: rights, history, steps, places; as SQL."""
