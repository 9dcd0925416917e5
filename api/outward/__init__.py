"""What leaves the house by itself: requests to webhooks and mails, and where they may not go."""
