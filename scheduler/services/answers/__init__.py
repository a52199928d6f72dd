"""What people answer, by whichever way, and what they see where they answer."""
