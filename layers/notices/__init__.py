"""What people and other programs are told by themselves of what happens."""
