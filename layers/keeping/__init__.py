"""What every write keeps to, whichever way it comes."""
