"""Files become features: understood, examined, compared, stored at once or not at all."""
