"""The queries of the balance, of health and of reliving time after a restore."""
