"""What the program and a HubSpot account do with each other."""
