"""The queries of the balance, of health and of a life that is lived again."""
